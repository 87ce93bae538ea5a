import { BucketLimit } from '../../../core/bucket/bucket-limit.js';

/** What a plan asks of Redis. */
export interface Errand {
  /** Its buckets, all of one slot. */
  readonly keys: readonly string[];
  readonly limits: readonly BucketLimit[];
  /** What a request takes of each bucket, or what an adjustment does. */
  readonly amounts: ArrayLike<number>;
  /** How many requests are asked for at once; 0 adjusts without asking. */
  readonly requests: number;
  /** A key of the same slot that stands for nothing. */
  probeKey(): string;
}
