import { BucketLimit } from '../core/bucket/bucket-limit.js';
import { Fleet } from './fleet.js';

/** Reads monotonic time in milliseconds; a wall clock that is set changes nothing. */
export type Clock = () => number;

/** One bucket, or one for each key, of a plan. */
export interface BucketSpec {
  /** Identity and readable key: plans that name the same id draw from the same buckets. */
  readonly id: string;
  readonly limit: BucketLimit;
  /** Whether each key has a bucket of its own. */
  readonly keyed: boolean;
  /**
   * Buckets of one group live together where a store is spread over several
   * nodes, so that a plan of them is decided in one step. Without a group a
   * bucket lives by its key, or by its id where it has none.
   */
  readonly group?: string;
  /**
   * Counts the times that limits were changed at run time. A plan of a later
   * edition changes the limit of the buckets that it names; one of an earlier
   * edition takes them as they are.
   */
  readonly edition?: number;
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
  /** Whether the request was let through without asking any bucket, so that the figures say nothing. */
  readonly isUnknown?: boolean;
}

/** Buckets that are decided together, all or nothing; prepared once, at boot. */
export interface PlannedBuckets {
  /**
   * Puts the limits of the plan in force, where preparing it did not: `plan`
   * itself changes nothing, so that whoever prepares many plans can still drop
   * them. Not to fail. A plan that decides before is put in force by that.
   */
  activate?(): void;

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

  /**
   * Settles a request afterwards, without asking: charges what is above zero
   * and gives back what is below. No bucket rises above its capacity or falls
   * more than one capacity below zero; what comes back for a bucket that was
   * forgotten meanwhile changes nothing, since only full ones are.
   *
   * @param keys those of the decision
   * @param deltas tokens for each bucket; finite
   */
  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): void | Promise<void>;
}

/** Where buckets live. */
export interface BucketStore {
  /** Whether its buckets are in this process, so that to ask one costs next to nothing. */
  readonly isLocal: boolean;

  /** How its instances talk to each other, where there are several. */
  readonly fleet?: Fleet;

  /** Prepares a plan. Changes nothing that others draw from; see `PlannedBuckets.activate`. */
  plan(specs: readonly BucketSpec[]): PlannedBuckets;
}
