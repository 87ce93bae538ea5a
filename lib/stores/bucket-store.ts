import { BucketLimit } from '../core/bucket/bucket-limit.js';
import { Fleet } from './fleet.js';

/** Returns monotonic time in milliseconds; setting the wall clock doesn't affect it. */
export type Clock = () => number;

/** One bucket of a plan, or one bucket per key. */
export interface BucketSpec {
  /** Identifies the bucket, and is readable: plans that name the same id draw from the same buckets. */
  readonly id: string;
  readonly limit: BucketLimit;
  /** Whether each key has its own bucket. */
  readonly keyed: boolean;
  /** Whether keys may be secrets, such as API keys or the result of a function; a store must not expose them. Default false. */
  readonly hidesKeys?: boolean;
  /**
   * Buckets of one group belong on the same node of a distributed store, so
   * that a plan of them is decided in one step. Without a group, a bucket is
   * placed by its key, or by its id if it has no key.
   */
  readonly group?: string;
  /**
   * How many times the limits have been replaced at run time. Default 0. A plan
   * of a later edition changes the limit of the buckets it names; a plan of an
   * earlier edition uses them as they are.
   */
  readonly edition?: number;
}

/**
 * The decision about one request.
 *
 * A verdict that `decide` returns synchronously may be an object that the plan
 * reuses, arrays included: read it before the next `decide` and before any
 * `await`. A verdict that a promise resolves to belongs to the caller and never
 * changes.
 */
export interface Verdict {
  /** Whether the request was admitted, and charged. */
  readonly admitted: boolean;
  /** Milliseconds until the whole plan would pass: 0 if it did, `Infinity` if it never can. */
  readonly retryAfterMs: number;
  /** Milliseconds until each bucket would pass, in the order of the specs; 0 for a bucket that does. */
  readonly waitsMs: ArrayLike<number>;
  /** Tokens in each bucket after the decision, in the order of the specs. */
  readonly tokens: ArrayLike<number>;
  /** Whether the request was admitted without asking any bucket; the figures are then meaningless. Default false. */
  readonly isUnknown?: boolean;
}

/** Buckets that are decided together, all or nothing; prepared once and asked for each request. */
export interface PlannedBuckets {
  /**
   * Puts the limits of the plan in force. `BucketStore.plan` itself changes
   * nothing, so that a failed update can drop the plans it has prepared. Must
   * not throw. A plan that decides without it activates itself.
   */
  activate?(): void;

  /**
   * Decides one request: charges every bucket its cost if each of them holds
   * that much. Otherwise it changes nothing, not even the time of the next
   * refill.
   *
   * The caller owns both lists and refills them for its next request, as soon as
   * this method has returned: copy what you need before the first `await`. Don't
   * write to them.
   *
   * The decision may be synchronous or a promise, and several may be in
   * progress at once. A promise must settle in bounded time, whatever happened
   * to the buckets. If it rejects, the caller of the endpoint gets the reason,
   * so reject only with a suitable answer, such as an `HttpException`.
   *
   * @param keys the key for each bucket: any string; the list may end after the
   *   last `keyed` bucket, and entries of other buckets are ignored
   * @param costs the tokens to take from each bucket; a cost that is negative,
   *   above the capacity or `NaN` is refused with a wait of `Infinity`
   */
  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict>;

  /**
   * Corrects the charge of an earlier decision, unconditionally: charges positive
   * deltas and refunds negative ones. No bucket rises above its capacity or falls
   * more than one capacity below zero. A refund to a bucket that was dropped in
   * the meantime changes nothing, since only full buckets are dropped.
   *
   * The caller owns both lists, as in `decide`: copy before the first `await`.
   * Nobody waits for the result, so it must neither throw nor reject.
   *
   * @param keys the keys of the decision
   * @param deltas tokens for each bucket, finite
   */
  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): void | Promise<void>;
}

/**
 * Keeps the buckets of an application: the port that every store implements.
 *
 * A bucket starts full, refills continuously and never holds more than its
 * capacity: in any interval of length T it admits at most
 * `capacity + tokensPerMs · T`. The same id, and the same key if keyed, is the
 * same bucket, whichever plans name it. Ids and keys are arbitrary strings, and
 * different ones must never collide. A full bucket may be dropped.
 *
 * Who owns what:
 *
 * - `specs` of `plan` belong to the store and never change.
 * - `keys`, `costs` and `deltas` belong to the caller, who reuses them: read or
 *   copy them before the first `await`.
 * - A verdict returned synchronously belongs to the plan, which may reuse it;
 *   a verdict from a promise belongs to the caller.
 *
 * `docs/stores.md` shows a store over any database with a lock.
 */
export interface BucketStore {
  /** Whether the buckets are in this process, which makes asking one nearly free; `decide` and `adjust` then never return a promise. */
  readonly isLocal: boolean;

  /** How instances notify each other, if the store serves several. */
  readonly fleet?: Fleet;

  /**
   * Prepares a plan, at boot, with the first request of a route, and whenever
   * limits change. Changes nothing that other plans use; see
   * `PlannedBuckets.activate`.
   *
   * @throws RangeError if the specs name a bucket twice
   */
  plan(specs: readonly BucketSpec[]): PlannedBuckets;
}
