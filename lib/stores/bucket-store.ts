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
  /** Whether keys may be secrets, such as API keys or what a function returned: a store shows them to nobody. */
  readonly hidesKeys?: boolean;
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

/**
 * The answer to one request.
 *
 * A verdict that `decide` returns may be one object of the plan, which its next
 * decision fills anew: read it before anything else is awaited or asked. A
 * verdict that a promise resolves to is the caller's own.
 */
export interface Verdict {
  /** Whether the request passed. */
  readonly admitted: boolean;
  /** Milliseconds after which the whole plan would pass, `Infinity` when it never can; 0 when it did. */
  readonly retryAfterMs: number;
  /** Milliseconds after which each bucket would pass; 0 where it does. */
  readonly waitsMs: ArrayLike<number>;
  /** Tokens in each bucket after the decision. */
  readonly tokens: ArrayLike<number>;
  /** Whether the request was let through without asking any bucket, so that the figures say nothing. */
  readonly isUnknown?: boolean;
}

/** Buckets that are decided together, all or nothing; prepared once, at boot, and asked for each request. */
export interface PlannedBuckets {
  /**
   * Puts the limits of the plan in force, where preparing it did not: `plan`
   * itself changes nothing, so that whoever prepares many plans can still drop
   * them. Not to fail. A plan that decides before is put in force by that.
   */
  activate?(): void;

  /**
   * Decides for one request: charges every bucket its cost where each holds as
   * much, and changes nothing otherwise, not even when a bucket refills next.
   *
   * Both lists are the caller's, who fills them anew for the next request: copy
   * what is needed after the first `await`. The decision itself may be made at
   * once or by a promise; several may be underway. A promise must settle in
   * bounded time, whatever happened to the buckets. It rejects only with what
   * the caller of the endpoint is to be answered, such as an `HttpException`.
   *
   * @param keys who asks, for each bucket; any text; may be shorter where no
   *   later bucket is `keyed`, and is not read for those that are not
   * @param costs the tokens each bucket is asked for; what is below 0, above the
   *   capacity or no number is refused, and waits `Infinity`
   */
  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict>;

  /**
   * Settles a request afterwards, without asking: charges what is above zero
   * and gives back what is below. No bucket rises above its capacity or falls
   * more than one capacity below zero; what comes back for a bucket that was
   * forgotten meanwhile changes nothing, since only full ones are. Both lists are
   * the caller's, as those of `decide`. Nobody waits for it: it must not reject.
   *
   * @param keys those of the decision
   * @param deltas tokens for each bucket; finite
   */
  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): void | Promise<void>;
}

/**
 * Where buckets live.
 *
 * A bucket starts full, refills continuously and never holds more than its
 * capacity: in any interval of length T it admits at most
 * `capacity + tokensPerMs · T`. Buckets of one id, and one key where they are
 * keyed, are one bucket, whichever plans name them. Ids and keys are any texts;
 * no two may be taken for each other. A bucket that is full may be forgotten.
 */
export interface BucketStore {
  /** Whether its buckets are in this process, so that to ask one costs next to nothing; `decide` and `adjust` return no promise then. */
  readonly isLocal: boolean;

  /** How its instances talk to each other, where there are several. */
  readonly fleet?: Fleet;

  /**
   * Prepares a plan. Called at boot and whenever limits change. Changes nothing
   * that others draw from; see `PlannedBuckets.activate`.
   *
   * @throws RangeError when a bucket stands in it twice
   */
  plan(specs: readonly BucketSpec[]): PlannedBuckets;
}
