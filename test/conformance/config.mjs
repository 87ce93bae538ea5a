import { Tally } from './tally.mjs';
import { listAt, oneOfAt } from './vector-form.mjs';

/** Of a bucket that never says no the recording stops here. */
const MOST_CALLS_RECORDED = 20_000;

/**
 * What KrakenD makes of a section: whether there is a limit or a breaker at
 * all, and with which figures. Vectors whose outcome hangs on the processor
 * are left out.
 *
 * @param {Record<string, unknown>} content
 * @param {typeof import('nestjs-floodgate/core')} _core
 * @param {typeof import('nestjs-floodgate/krakend').enforced} krakend
 * @returns {Tally}
 */
export function replay(content, _core, krakend) {
  const tally = new Tally('vectors');
  const vectors = listAt(content.vectors, 'vectors');
  const readers = new Map([
    ['ratelimit-proxy', proxyOutcomes],
    ['ratelimit-router', routerOutcomes],
    ['circuit-breaker', breakerOutcomes],
  ]);
  for (const vector of vectors.filter((v) => !v.arch_dependent)) {
    const title = `vector ${vector.id}`;
    const outcomes = oneOfAt(vector.kind, readers, `${title}, kind`);
    const config = vector.extra_config;
    const { expected, got } = outcomes(krakend, config, vector.result);
    const [wanted, found] = [expected, got].map((o) => JSON.stringify(o));
    tally.addVector(
      wanted === found
        ? undefined
        : { title, config, events: [], expected: wanted, got: found },
    );
  }
  const skipped = vectors.filter((v) => v.arch_dependent).length;
  if (skipped > 0) tally.notes.push(`${skipped} depend on the processor`);
  return tally;
}

const ROUTER = 'qos/ratelimit/router';
const PROXY = 'qos/ratelimit/proxy';
const BREAKERS = [
  'qos/circuit-breaker',
  'github.com/devopsfaith/krakend-circuitbreaker/gobreaker',
];

function sectionIn(krakend, config, name) {
  return krakend.sectionOf(config) && krakend.sectionOf(config[name]);
}

function proxyOutcomes(krakend, config, result) {
  const section = sectionIn(krakend, config, PROXY);
  const bucket = section && krakend.proxyLimit(section);
  return {
    expected: result.enabled && {
      rate: rateOf(result.max_rate),
      burst: result.burst_at_t0,
      breaksDown: 'panic_on_call' in result,
    },
    got: bucket !== undefined && {
      rate: rateOf(krakend.perSecond(bucket.maxRate, bucket.everyNs)),
      burst: Math.min(bucket.capacity, MOST_CALLS_RECORDED),
      breaksDown: krakend.breaksDown(bucket),
    },
  };
}

function rateOf(rate) {
  return rate === '+Inf' ? 'Infinity' : String(rate);
}

function routerOutcomes(krakend, config, result) {
  const section = sectionIn(krakend, config, ROUTER);
  const limit = section ? krakend.enforcedRouterLimit(section) : {};
  const { endpoint_limit: endpoint, client_limit: client } = result;
  const figures = (bucket) => ({
    capacity: String(bucket.capacity),
    rate: krakend.perSecond(bucket.maxRate, bucket.everyNs).toFixed(6),
  });
  return {
    expected: {
      endpoint: endpoint && {
        capacity: endpoint.capacity,
        rate: endpoint.rate_6dec,
      },
      client: client && {
        capacity: client.capacity === '0' ? '1' : client.capacity,
        rate: client.rate_6dec,
        strategy: client.strategy.toLowerCase(),
        key: client.key,
        firstBurst: result.burst_one_client_at_t0,
      },
      breaksDown: 'panic_on_call' in result,
    },
    got: {
      endpoint: limit.endpoint && figures(limit.endpoint),
      client: limit.client && {
        ...figures(limit.client),
        strategy: limit.client.strategy,
        key: limit.client.key,
        // Recorded only where clients are told apart by a header.
        firstBurst:
          result.burst_one_client_at_t0 === undefined
            ? undefined
            : firstBurst(limit),
      },
      breaksDown: Boolean(limit.endpoint && krakend.breaksDown(limit.endpoint)),
    },
  };
}

/** How many calls of one client pass at once: its own bucket is asked first, and then that of the endpoint. */
function firstBurst({ endpoint, client }) {
  const own = client.startsEmpty ? 0 : client.capacity;
  const ofAll = endpoint ? endpoint.capacity : Infinity;
  return Math.min(own, ofAll, MOST_CALLS_RECORDED);
}

/** The recording tried as many failures. */
const MOST_FAILURES_RECORDED = 3000;

function breakerOutcomes(krakend, config, result) {
  const name = BREAKERS.find((name) => sectionIn(krakend, config, name));
  const breaker = name && krakend.enforcedBreaker(config[name]);
  return {
    expected: result.enabled === true && {
      interval: result.effective_interval_ns,
      timeout: result.effective_timeout_ns,
      opensOn: result.opens_after_consecutive_failures,
      name: result.name,
      logs: result.log_status_change,
    },
    got: breaker !== undefined && {
      interval: String(breaker.intervalNs),
      timeout: String(breaker.timeoutNs),
      opensOn:
        breaker.opensOnFailure > MOST_FAILURES_RECORDED
          ? null
          : breaker.opensOnFailure,
      name: breaker.name,
      logs: breaker.logStatusChange,
    },
  };
}
