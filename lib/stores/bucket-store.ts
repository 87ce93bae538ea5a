import { BucketLimit } from '../core/bucket-limit.js';

/** One bucket, or one for each key, of a plan. */
export interface BucketSpec {
  /** Identity and readable key: plans that name the same id draw from the same buckets. */
  readonly id: string;
  readonly limit: BucketLimit;
  /** Whether each key has a bucket of its own. */
  readonly keyed: boolean;
}

/** The answer to one request. Valid until the next decision of the same plan. */
export interface Verdict {
  /** Whether the request passed. */
  readonly admitted: boolean;
  /** Milliseconds after which the whole plan would pass, `Infinity` when it never can. */
  readonly retryAfterMs: number;
  /** Milliseconds after which each bucket would pass; 0 where it does. */
  readonly waitsMs: ArrayLike<number>;
  /** Tokens in each bucket after the decision. */
  readonly tokens: ArrayLike<number>;
}

/** Buckets that are decided together, all or nothing; prepared once, at boot. */
export interface PlannedBuckets {
  /**
   * Decides for one request.
   *
   * @param keys who asks, for each bucket; not read for buckets without a key
   * @param costs the tokens each bucket is asked for, from 0
   */
  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict>;
}

/** Where buckets live. */
export interface BucketStore {
  /** Prepares a plan. */
  plan(specs: readonly BucketSpec[]): PlannedBuckets;
}
