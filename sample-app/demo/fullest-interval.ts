import type { Arrival } from '../upstreams/arrivals.js';
import type { PromisedRate } from './limits.js';

/** The interval that asks most of a bucket. */
export interface FullestInterval {
  calls: number;
  spanMs: number;
  /** The smallest capacity with which a bucket of this rate could have admitted them. */
  capacityNeeded: number;
}

/**
 * Looks through all intervals for the one with most calls beyond what the rate
 * adds meanwhile: n calls within T need a capacity of n - rate · T. A limit is
 * kept when its capacity was enough for every interval.
 *
 * A call was let through somewhere between its sending and its arrival. Two
 * that were let through 50 ms apart may well arrive together, on a busy machine;
 * so an interval begins with a sending, ends with an arrival, and holds the
 * calls that lie in it with both.
 */
export function fullestInterval(
  calls: readonly Pick<Arrival, 'sentMs' | 'atMs'>[],
  { maxRate, everyMs }: PromisedRate,
): FullestInterval {
  const inOrder = calls.toSorted((a, b) => a.atMs - b.atMs);
  let fullest = { calls: 0, spanMs: 0, capacityNeeded: 0 };
  for (const { sentMs: fromMs } of calls) {
    let inside = 0;
    for (const { sentMs, atMs } of inOrder) {
      if (sentMs < fromMs) continue;
      inside++;
      const spanMs = atMs - fromMs;
      const capacityNeeded = inside - (spanMs * maxRate) / everyMs;
      if (capacityNeeded > fullest.capacityNeeded) {
        fullest = { calls: inside, spanMs, capacityNeeded };
      }
    }
  }
  return fullest;
}
