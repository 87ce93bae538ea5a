import { clockFor } from './breaker-clock.mjs';
import { RecordedCalls } from './recorded-calls.mjs';
import { Tally } from './tally.mjs';
import { replayTrace } from './trace.mjs';
import { listAt, numberAt, oneOfAt, wholeAt } from './vector-form.mjs';

const OUTCOMES = new Map([
  ['s', 'success'],
  ['f', 'failure'],
  ['d', 'failure'],
  ['p', 'failure'],
  ['x', 'ignored'],
]);
const OPERATIONS = new Map([
  ['c', (calls, _id, outcome) => calls.whole(outcome())],
  ['b', (calls, id) => calls.begin(id)],
  ['e', (calls, id, outcome) => calls.end(id, outcome())],
]);
const LETTERS = { closed: 'C', 'half-open': 'H', open: 'O' };

/**
 * Result, state and all six counts must be the recorded ones after each event.
 *
 * @param {Record<string, unknown>} content
 * @param {typeof import('nestjs-floodgate/core')} core
 * @returns {Tally}
 */
export function replay(content, core) {
  const tally = new Tally('events');
  let inBigInts = 0;
  for (const [index, trace] of listAt(content.traces, 'traces').entries()) {
    const { events: rows, ...config } = trace;
    const title = `trace ${index}`;
    const events = listAt(rows, `${title}, events`);
    const clock = clockFor(config, events, title);
    if (clock.isBigInt) inBigInts++;
    const breaker = breakerOf(core, config, clock, title);
    const calls = new RecordedCalls(breaker, core.REFUSED, clock);
    const step = stepper(breaker, calls, clock);
    replayTrace(tally, { title, config, events }, step);
  }
  if (inBigInts > 0) {
    tally.notes.push(`times of ${inBigInts} traces pass 2^53 ns: in BigInt`);
  }
  return tally;
}

/** KrakenD opens above `max_errors` failures in a row, this library at `maxErrors`. */
function breakerOf(core, config, clock, title) {
  const maxErrors = numberAt(config.max_errors_u32, `${title}, max_errors_u32`);
  const settings = {
    maxErrors: maxErrors + 1,
    intervalMs: clock.interval,
    openMs: clock.timeout,
    halfOpenPermits: 1,
    halfOpenMaxMs: clock.never,
  };
  return new core.CircuitBreaker(settings, clock.now());
}

function stepper(breaker, calls, clock) {
  return (event, where) => {
    const [dt, op, id, letter, result, state, ...counts] = listAt(event, where);
    clock.advance(wholeAt(dt, `${where}, dt_ns`));
    const operate = oneOfAt(op, OPERATIONS, `${where}, op`);
    const outcome = () => oneOfAt(letter, OUTCOMES, `${where}, outcome`);
    const got = operate(calls, id, outcome);
    const stateNow = LETTERS[breaker.state(clock.now())];
    return {
      expected: describe(result, state, counts),
      got: describe(got, stateNow, countsOf(breaker)),
    };
  };
}

function countsOf({ counts }) {
  return [
    counts.requests,
    counts.successes,
    counts.failures,
    counts.ignored,
    counts.consecutiveSuccesses,
    counts.consecutiveFailures,
  ];
}

function describe(result, state, counts) {
  return `result "${result}", state ${state}, counts ${counts.join(' ')}`;
}
