import { wholeAt } from './vector-form.mjs';

const FIRST_INEXACT = 2n ** 53n;
/** What gobreaker makes of a timeout that is not above zero. */
const DEFAULT_TIMEOUT_NS = 60_000_000_000n;

/**
 * The times of one trace in a number type that holds every one of them exactly;
 * what changes at one nanosecond past an expiry must not at the expiry itself.
 *
 * While all instants are below 2^53 ns they are doubles, as in an application.
 * An interval or timeout past that may round then: it still ends after the last
 * instant, which is all that can be told of it. Longer traces use BigInt: the
 * breaker only adds and compares times, so the same code runs on them.
 *
 * @typedef {object} BreakerClock
 * @property {boolean} isBigInt
 * @property {number | bigint} interval
 * @property {number | bigint} timeout
 * @property {number | bigint} never longer than the trace
 * @property {() => number | bigint} now
 * @property {(byNs: bigint) => void} advance
 *
 * @returns {BreakerClock}
 */
export function clockFor(config, events, title) {
  const intervalNs = wholeAt(config.interval_ns, `${title}, interval_ns`);
  const timeoutNs = wholeAt(config.timeout_ns, `${title}, timeout_ns`);
  const openNs = timeoutNs > 0n ? timeoutNs : DEFAULT_TIMEOUT_NS;
  const lengthNs = traceLengthNs(events, title);
  return lengthNs < FIRST_INEXACT
    ? doubleClock(intervalNs, openNs)
    : bigIntClock(intervalNs, openNs, lengthNs + 1n);
}

function traceLengthNs(events, title) {
  return events
    .map((event, i) => wholeAt(event?.[0], `${title}, event ${i}, dt_ns`))
    .reduce((total, dt) => total + dt, 0n);
}

function doubleClock(intervalNs, timeoutNs) {
  let nowNs = 0;
  return {
    isBigInt: false,
    interval: Number(intervalNs),
    timeout: Number(timeoutNs),
    never: Infinity,
    now: () => nowNs,
    advance: (byNs) => {
      nowNs += Number(byNs);
    },
  };
}

/** A BigInt and `Infinity` do not add up, so what never ends outlasts the trace instead. */
function bigIntClock(intervalNs, timeoutNs, neverNs) {
  let nowNs = 0n;
  return {
    isBigInt: true,
    interval: intervalNs,
    timeout: timeoutNs,
    never: neverNs,
    now: () => nowNs,
    advance: (byNs) => {
      nowNs += byNs;
    },
  };
}
