import { Buckets, COMMON_SLOT } from '../bucket/token-bucket.js';

/**
 * Several buckets that one request must pass, decided together: either all of
 * them are charged or none is.
 *
 * The answer to the last `decide` stands in the plan itself until the next one,
 * so that a decision allocates nothing.
 */
export class Plan {
  /** Whether the request passed. */
  admitted = true;
  /** Milliseconds after which the whole plan would pass, alone; 0 when it did, `Infinity` when it never can. */
  retryAfterMs = 0;
  /** Milliseconds after which each bucket would pass; 0 where it does. */
  readonly waitsMs: Float64Array;
  /** Tokens in each bucket after the decision. */
  readonly tokens: Float64Array;
  private readonly slots: Int32Array;

  /** @throws RangeError when a bucket stands in it twice */
  constructor(readonly buckets: readonly Buckets[]) {
    if (new Set(buckets).size < buckets.length) {
      throw new RangeError('a plan takes each of its buckets once');
    }
    this.waitsMs = new Float64Array(buckets.length);
    this.tokens = new Float64Array(buckets.length);
    this.slots = new Int32Array(buckets.length);
  }

  /**
   * Decides and, when every bucket allows it, charges all of them.
   *
   * @param keys who asks, for each bucket; ignored by buckets that are only one
   * @param costs the tokens each bucket is asked for, from 0
   * @param nowMs monotonic milliseconds
   * @returns whether the request passed; the rest stands in the plan
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
   * Charges each bucket its `delta` afterwards, without asking, or gives back
   * what is below zero: never above the capacity, nor more than one capacity
   * below zero. The answer to the last decision stays as it is.
   *
   * @param keys those of the decision
   * @param deltas tokens, one figure for each bucket; finite
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
