import { BucketLimit } from './bucket-limit.js';

/** The slot of buckets that are only one. */
export const ONLY_SLOT = 0;

/**
 * One bucket or many keyed ones under one limit, as a plan sees them: find the
 * slot, ask it, and only then take from it. Nothing but `take` changes a level.
 */
export interface Buckets {
  readonly limit: BucketLimit;
  /** The slot that answers for `key`. Valid until the next `take`. */
  find(key: string): number;
  /** Milliseconds until `cost` could pass: 0 now, `Infinity` never. */
  waitMs(slot: number, cost: number, nowMs: number): number;
  /** Takes `cost` for `key`, which `waitMs` must have allowed at the same `nowMs`; returns the tokens left. */
  take(slot: number, key: string, cost: number, nowMs: number): number;
  /** Tokens in the slot at `nowMs`. */
  tokensIn(slot: number, nowMs: number): number;
}
