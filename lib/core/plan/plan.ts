import { Buckets, COMMON_SLOT } from '../bucket/token-bucket.js';

/**
 * Several buckets that one request must pass, decided together: either all of
 * them are charged or none is.
 *
 * The plan itself holds the result of the last `decide` until the next one, so
 * that a decision allocates nothing.
 *
 * @example
 * ```ts
 * const plan = new Plan([endpoint, clients]);
 * const admitted = plan.decide(['', 'ann'], [1, 1], performance.now());
 * if (!admitted) console.log(`retry in ${plan.retryAfterMs} ms`);
 * ```
 */
export class Plan {
  /** Whether the request was admitted. */
  admitted = true;
  /** Milliseconds until the whole plan would pass, without other requests: 0 if it did, `Infinity` if it never can. */
  retryAfterMs = 0;
  /** Milliseconds until each bucket would pass; 0 for a bucket that does. */
  readonly waitsMs: Float64Array;
  /** Tokens in each bucket after the decision. */
  readonly tokens: Float64Array;
  private readonly slots: Int32Array;

  /** @throws RangeError if a bucket is listed twice */
  constructor(readonly buckets: readonly Buckets[]) {
    if (new Set(buckets).size < buckets.length) {
      throw new RangeError('a plan takes each of its buckets once');
    }
    this.waitsMs = new Float64Array(buckets.length);
    this.tokens = new Float64Array(buckets.length);
    this.slots = new Int32Array(buckets.length);
  }

  /**
   * Decides and, if every bucket allows it, charges all of them.
   *
   * @param keys the key for each bucket; ignored by buckets without keys
   * @param costs the tokens to take from each bucket, from 0
   * @param nowMs monotonic milliseconds
   * @returns whether the request was admitted; the plan holds the details
   */
  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
    nowMs: number,
  ): boolean {
    this.look(keys, costs, nowMs);
    if (this.admitted) this.charge(keys, costs, nowMs);
    else this.readLevels(nowMs);
    return this.admitted;
  }

  /**
   * Charges each bucket its `delta` unconditionally, or refunds it if negative:
   * never above the capacity, nor more than one capacity below zero. The result
   * of the last decision stays.
   *
   * @param keys the keys of the decision
   * @param deltas tokens for each bucket, finite
   * @param nowMs monotonic milliseconds
   */
  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
    nowMs: number,
  ): void {
    for (let i = 0; i < this.buckets.length; i++) {
      if (deltas[i] !== 0) this.buckets[i].adjust(keys[i], deltas[i], nowMs);
    }
  }

  private look(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
    nowMs: number,
  ): void {
    let longest = 0;
    for (let i = 0; i < this.buckets.length; i++) {
      const buckets = this.buckets[i];
      const slot = buckets.find(keys[i]);
      const waitMs = buckets.levels.waitMs(slot, costs[i], nowMs);
      this.slots[i] = slot;
      this.waitsMs[i] = waitMs;
      if (waitMs > longest) longest = waitMs;
    }
    this.retryAfterMs = longest;
    this.admitted = longest === 0;
  }

  /**
   * Those who have a bucket first: a newcomer may make room by moving buckets of
   * any table, and then the slots that were found lead elsewhere.
   */
  private charge(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
    nowMs: number,
  ): void {
    let newcomers = 0;
    for (let i = 0; i < this.buckets.length; i++) {
      const slot = this.slots[i];
      if (slot === COMMON_SLOT) newcomers++;
      else {
        const { levels } = this.buckets[i];
        levels.takeInto(slot, costs[i], nowMs, this.tokens, i);
      }
    }
    if (newcomers > 0) this.chargeNewcomers(keys, costs, nowMs);
  }

  private chargeNewcomers(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
    nowMs: number,
  ): void {
    for (let i = 0; i < this.buckets.length; i++) {
      if (this.slots[i] !== COMMON_SLOT) continue;
      const buckets = this.buckets[i];
      const slot = buckets.take(COMMON_SLOT, keys[i], costs[i], nowMs);
      buckets.levels.writeTokens(slot, this.tokens, i);
    }
  }

  private readLevels(nowMs: number): void {
    for (let i = 0; i < this.buckets.length; i++) {
      this.tokens[i] = this.buckets[i].levels.tokensIn(this.slots[i], nowMs);
    }
  }
}
