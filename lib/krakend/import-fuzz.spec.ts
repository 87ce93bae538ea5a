import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, Fault, ThrottleConfigError } from '../config/fault.js';
import { throttleOptions } from '../config/schema/throttle-options.schema.js';
import { parseDurationNs } from '../core/time/duration.js';
import { enforced, fromKrakend } from './index.js';

const oddNumber = fc.oneof(
  fc.double(),
  fc.integer({ min: -5, max: 200 }),
  fc.constantFrom(0, -0, 1e-15, 1e-9, 5e-324, 1e9, 2e9, 1e16, 1e300, 2 ** 63),
);
const oddDuration = fc.oneof(
  fc.constantFrom('1s', '1m', '500ms', '0s', '-1m', '10ns', '2562047h', '1d'),
  fc.constantFrom('', '60', ' 1s', '0', '1h30m', '999h'),
  fc.string(),
);
const odd = fc.oneof(
  { weight: 4, arbitrary: oddNumber },
  oddDuration,
  fc.jsonValue({ maxDepth: 1 }),
);

const limit = fc.record(
  {
    max_rate: odd,
    client_max_rate: odd,
    capacity: odd,
    client_capacity: odd,
    every: fc.oneof(oddDuration, odd),
    strategy: fc.oneof(fc.constantFrom('ip', 'header', 'PARAM', 'jwt'), odd),
    key: fc.oneof(fc.constantFrom('id', 'X-Key', 'Host', ''), odd),
  },
  { requiredKeys: [] },
);
const breaker = fc.record(
  { interval: odd, timeout: odd, max_errors: odd, name: odd },
  { requiredKeys: [] },
);
const tiered = fc.record(
  {
    tier_key: fc.oneof(fc.constantFrom('X-Plan', ''), odd),
    tiers: fc.oneof(
      fc.array(
        fc.oneof(
          fc.record(
            {
              tier_value: fc.oneof(fc.constantFrom('gold', 'ip'), odd),
              tier_value_as: fc.oneof(
                fc.constantFrom('literal', 'policy', '*'),
                odd,
              ),
              ratelimit: fc.oneof(limit, odd),
            },
            { requiredKeys: [] },
          ),
          odd,
        ),
        { maxLength: 4 },
      ),
      odd,
    ),
  },
  { requiredKeys: [] },
);
const sections = fc.dictionary(
  fc.constantFrom(
    'qos/ratelimit/router',
    'qos/ratelimit/proxy',
    'qos/ratelimit/service',
    'qos/ratelimit/tiered',
    'qos/ratelimit/router/redis',
    'qos/circuit-breaker/http',
    'github.com/devopsfaith/krakend-ratelimit/juju/router',
    '__proto__',
  ),
  fc.oneof(limit, tiered, odd),
);
const backend = fc.record(
  {
    host: fc.oneof(
      fc.array(
        fc.oneof(
          fc.constantFrom('http://a', 'a:80', 'https://__proto__/', 'ftp://x'),
          fc.string(),
          odd,
        ),
      ),
      odd,
    ),
    extra_config: fc.oneof(
      sections,
      fc.record({
        'qos/ratelimit/proxy': limit,
        'qos/circuit-breaker': breaker,
      }),
      odd,
    ),
  },
  { requiredKeys: [] },
);
const endpoint = fc.record(
  {
    endpoint: fc.oneof(fc.constantFrom('/a', '/b/{id}', 'c', '/d/*'), odd),
    method: fc.oneof(fc.constantFrom('GET', 'post', 'TRACE'), odd),
    timeout: fc.oneof(oddDuration, odd),
    concurrent_calls: odd,
    output_encoding: fc.constantFrom('no-op', 'json'),
    extra_config: fc.oneof(sections, odd),
    backend: fc.oneof(fc.array(fc.oneof(backend, odd), { maxLength: 3 }), odd),
  },
  { requiredKeys: [] },
);
const krakendFile = fc.record(
  {
    version: fc.oneof(fc.constantFrom(2, 3), odd),
    timeout: fc.oneof(oddDuration, odd),
    read_timeout: fc.oneof(oddDuration, odd),
    idle_connection_timeout: oddDuration,
    max_idle_connections: odd,
    max_idle_connections_per_host: odd,
    host: fc.oneof(fc.constant(['http://catalog:8080']), odd),
    extra_config: fc.oneof(sections, odd),
    endpoints: fc.oneof(
      { weight: 5, arbitrary: fc.array(endpoint, { maxLength: 4 }) },
      odd,
    ),
  },
  { requiredKeys: [] },
);

const isConfigError = (error: object) => error instanceof ThrottleConfigError;

/** What `run` threw, if anything. */
function thrownBy(run: () => unknown): object | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as object;
  }
}

describe('importing any file', () => {
  it('gives a valid configuration for any object of the right shape', () => {
    fc.assert(
      fc.property(krakendFile, (file) => {
        const error = thrownBy(() => fromKrakend(file));
        // Only what has no list of endpoints is refused.
        const isList = typeof file.endpoints === 'object' && file.endpoints;
        expect(error === undefined || (!isList && isConfigError(error))).toBe(
          true,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a configuration or a fault for any JSON, never another error', () => {
    const anything = fc.oneof(fc.json(), fc.string(), fc.anything());
    fc.assert(
      fc.property(anything, (source) => {
        const error = thrownBy(() => fromKrakend(source as object));
        expect([undefined, ThrottleConfigError]).toContain(error?.constructor);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives a configuration or faults for any options, never another error', () => {
    const options = fc.oneof(
      fc.anything(),
      fc.record(
        {
          timeout: odd,
          routes: fc.dictionary(
            fc.oneof(fc.constantFrom('GET /a', 'GET /b/{id}'), fc.string()),
            fc.record({ limits: fc.oneof(odd, fc.array(limit)), timeout: odd }),
          ),
          backends: fc.dictionary(fc.string(), backend),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(options, (written) => {
        const faults: Fault[] = [];
        const config = check(throttleOptions, written, '', faults);
        expect(config === undefined).toBe(faults.length > 0);
      }),
      { numRuns: 1000 },
    );
  });
});

interface Written {
  maxRate?: number;
  capacity?: number;
  every?: string;
}

/** The limit that is imported is there where KrakenD's is, no faster and no larger. */
function expectNoLaxer(
  written: Written | undefined,
  bucket: enforced.EnforcedBucket | undefined,
): void {
  expect(written === undefined).toBe(bucket === undefined);
  if (!written || !bucket) return;
  const everyNs = Number(parseDurationNs(written.every!));
  const rate = enforced.perSecond(written.maxRate!, everyNs);
  const highest = Math.max(
    enforced.perSecond(bucket.maxRate, bucket.everyNs),
    1e-9, // KrakenD counts no slower.
  );
  expect(rate).toBeLessThanOrEqual(highest * (1 + 1e-12));
  expect(written.capacity).toBeLessThanOrEqual(bucket.capacity);
}

describe('an imported limit', () => {
  it('of a backend is never looser than what KrakenD enforces', () => {
    fc.assert(
      fc.property(limit, (section) => {
        const { options } = fromKrakend({
          version: 3,
          host: ['http://a'],
          endpoints: [
            {
              endpoint: '/a',
              backend: [{ extra_config: { 'qos/ratelimit/proxy': section } }],
            },
          ],
        });
        const [made] = Object.values(options.backends!);
        expectNoLaxer(
          made.rateLimit as Written | undefined,
          enforced.proxyLimit(section),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('of an endpoint is never looser, for all callers and for each', () => {
    fc.assert(
      fc.property(limit, (section) => {
        const { options } = fromKrakend({
          version: 3,
          endpoints: [
            {
              endpoint: '/a',
              extra_config: { 'qos/ratelimit/router': section },
            },
          ],
        });
        const limits = (options.routes!['GET /a'].limits ?? []) as Record<
          string,
          never
        >[];
        const { endpoint, client } = enforced.enforcedRouterLimit(section);
        expectNoLaxer(
          limits.find((limit) => 'maxRate' in limit),
          endpoint,
        );
        const each = limits.find((limit) => 'clientMaxRate' in limit);
        expectNoLaxer(
          each && {
            maxRate: each.clientMaxRate,
            capacity: each.clientCapacity,
            every: each.every,
          },
          client,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('of a tier is never looser, and every tier that can be expressed is kept', () => {
    const tier = fc.oneof(
      fc.record({ tier_value: fc.constant('gold'), ratelimit: limit }),
      fc.record({ tier_value_as: fc.constant('*'), ratelimit: limit }),
    );
    fc.assert(
      fc.property(tier, (written) => {
        const { options } = fromKrakend({
          version: 3,
          endpoints: [
            {
              endpoint: '/a',
              extra_config: {
                'qos/ratelimit/tiered': { tier_key: 'X', tiers: [written] },
              },
            },
          ],
        });
        const [imported] = options.routes!['GET /a'].limits as {
          tiers: Record<string, never>[];
        }[];
        const [made] = imported.tiers;
        const { endpoint, client } = enforced.enforcedRouterLimit(
          written.ratelimit,
        );
        expectNoLaxer('maxRate' in made ? made : undefined, endpoint);
        expectNoLaxer(
          'clientMaxRate' in made
            ? {
                maxRate: made.clientMaxRate,
                capacity: made.clientCapacity,
                every: made.every,
              }
            : undefined,
          client,
        );
        expect('unlimited' in made).toBe(!endpoint && !client);
      }),
      { numRuns: 2000 },
    );
  });
});
