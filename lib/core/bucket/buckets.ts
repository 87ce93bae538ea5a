import { BucketLevels } from './bucket-levels.js';
import { BucketLimit } from './bucket-limit.js';

/** The slot of all who have no bucket of their own. */
export const COMMON_SLOT = 0;

/**
 * One bucket or many keyed ones under one limit, as a plan sees them: find the
 * slot, ask its level, and only then take. Nothing but taking and adjusting changes a level.
 */
export interface Buckets {
  readonly limit: BucketLimit;
  /** How full they are, by slot; taken from directly for any slot but the common one. */
  readonly levels: BucketLevels;
  /** Puts another limit in force; every bucket stays as full as it is, in proportion. */
  relimit(limit: BucketLimit, nowMs: number): void;
  /** The slot that answers for `key`. Valid until something is taken for another key. */
  find(key: string): number;
  /** Takes `cost` for `key`, which the slot's level must have allowed at the same `nowMs`; returns the slot that was charged. */
  take(slot: number, key: string, cost: number, nowMs: number): number;
  /** Charges `delta` tokens to `key` without asking, or gives them back when it is below zero. */
  adjust(key: string, delta: number, nowMs: number): void;
}
