import { Buckets } from './buckets.js';

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

  constructor(readonly buckets: readonly Buckets[]) {
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
    this.retryAfterMs = this.look(keys, costs, nowMs);
    this.admitted = this.retryAfterMs === 0;
    if (this.admitted) this.charge(keys, costs, nowMs);
    else this.readLevels(nowMs);
    return this.admitted;
  }

  private look(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
    nowMs: number,
  ): number {
    let longest = 0;
    for (let i = 0; i < this.buckets.length; i++) {
      const slot = this.buckets[i].find(keys[i]);
      const waitMs = this.buckets[i].waitMs(slot, costs[i], nowMs);
      this.slots[i] = slot;
      this.waitsMs[i] = waitMs;
      if (waitMs > longest) longest = waitMs;
    }
    return longest;
  }

  private charge(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
    nowMs: number,
  ): void {
    for (let i = 0; i < this.buckets.length; i++) {
      this.tokens[i] = this.buckets[i].take(
        this.slots[i],
        keys[i],
        costs[i],
        nowMs,
      );
    }
  }

  private readLevels(nowMs: number): void {
    for (let i = 0; i < this.buckets.length; i++) {
      this.tokens[i] = this.buckets[i].tokensIn(this.slots[i], nowMs);
    }
  }
}
