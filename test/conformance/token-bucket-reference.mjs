import { Tally } from './tally.mjs';
import { replayTrace } from './trace.mjs';
import { listAt, numberAt, wholeAt } from './vector-form.mjs';

const NEVER = -1;
const MICROSECOND_NS = 1_000;
const LARGEST_SHARE = 0.001;

/**
 * Decisions must be the recorded ones; waits may differ by a microsecond or a
 * thousandth. Nanoseconds stand in for the milliseconds of the core, which only
 * ever sets times against each other: whole numbers stay exact in a double.
 *
 * @param {Record<string, unknown>} content
 * @param {typeof import('nestjs-floodgate/core')} core
 * @returns {Tally}
 */
export function replay(content, core) {
  const tally = new Tally('events');
  for (const [index, trace] of listAt(content.traces, 'traces').entries()) {
    const { events, ...config } = trace;
    const title = `trace ${index}`;
    replayTrace(
      tally,
      { title, config, events: listAt(events, `${title}, events`) },
      bucketSteps(core, config, title),
    );
  }
  return tally;
}

function bucketSteps(core, config, title) {
  const limit = core.bucketLimit({
    maxRate: numberAt(config.max_rate, `${title}, max_rate`),
    everyMs: Number(wholeAt(config.every_ns, `${title}, every_ns`)),
    capacity: numberAt(config.capacity, `${title}, capacity`),
  });
  const bucket = new core.TokenBucket(limit, 0);
  let totalNs = 0n;

  return (event, where) => {
    const [dt, cost, allowed, retryAfter] = listAt(event, where);
    totalNs += wholeAt(dt, `${where}, dt_ns`);
    const nowNs = Number(totalNs);
    const waitNs = bucket.waitMs(Number(cost), nowNs);
    const took = bucket.tryTake(Number(cost), nowNs);
    const recordedNs = Number(wholeAt(retryAfter, `${where}, retry_after_ns`));
    const wait = isSameWait(waitNs, recordedNs) ? recordedNs : waitNs;
    return {
      expected: describe(numberAt(allowed, `${where}, allowed`), recordedNs),
      got: describe(Number(took), wait),
    };
  };
}

function isSameWait(waitNs, recordedNs) {
  if (recordedNs === NEVER) return waitNs === Infinity;
  if (recordedNs === 0) return waitNs === 0;
  const slackNs = Math.max(MICROSECOND_NS, recordedNs * LARGEST_SHARE);
  return Math.abs(waitNs - recordedNs) <= slackNs;
}

function describe(allowed, retryAfterNs) {
  return `allowed ${allowed}, retry_after_ns ${retryAfterNs}`;
}
