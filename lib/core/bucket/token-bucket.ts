import { BucketLevels, SLOT_DOUBLES } from './bucket-levels.js';
import { BucketLimit } from './bucket-limit.js';
import { Buckets } from './buckets.js';

/** Not the common slot: nobody is without a bucket here, and a plan takes from it directly. */
const ONLY_SLOT = 1;

/**
 * One token bucket: starts full, refills continuously at its limit's rate and
 * never holds more than its capacity.
 *
 * In any interval of length T it admits at most `capacity + rate · T` tokens.
 * Times are monotonic milliseconds, given by the caller; a refusal changes
 * nothing. The decisions equal those of golang.org/x/time/rate.
 */
export class TokenBucket implements Buckets {
  readonly levels: BucketLevels;

  constructor(limit: BucketLimit, nowMs = 0) {
    const cells = new Float64Array((ONLY_SLOT + 1) * SLOT_DOUBLES);
    this.levels = new BucketLevels(limit, [cells]);
    this.levels.set(ONLY_SLOT, limit.capacity, nowMs);
  }

  get limit(): BucketLimit {
    return this.levels.limit;
  }

  relimit(limit: BucketLimit, nowMs: number): void {
    this.levels.relimit(limit, nowMs);
  }

  /** Takes `cost` tokens if they are there; tells whether it did. */
  tryTake(cost: number, nowMs: number): boolean {
    if (this.waitMs(cost, nowMs) > 0) return false;
    this.levels.take(ONLY_SLOT, cost, nowMs);
    return true;
  }

  /** Tokens stored at `nowMs`. */
  available(nowMs: number): number {
    return this.levels.tokensIn(ONLY_SLOT, nowMs);
  }

  /** Milliseconds until `cost` could be taken: 0 now, `Infinity` never. */
  waitMs(cost: number, nowMs: number): number {
    return this.levels.waitMs(ONLY_SLOT, cost, nowMs);
  }

  find(): number {
    return ONLY_SLOT;
  }

  take(slot: number, _key: string, cost: number, nowMs: number): number {
    this.levels.take(slot, cost, nowMs);
    return slot;
  }

  adjust(_key: string, delta: number, nowMs: number): void {
    this.levels.adjust(ONLY_SLOT, delta, nowMs);
  }
}
