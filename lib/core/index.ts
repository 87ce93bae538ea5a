export { bucketLimit } from './bucket-limit.js';
export type { BucketLimit, BucketRate } from './bucket-limit.js';
export { BucketTable } from './bucket-table.js';
export type { Buckets } from './buckets.js';
export { CircuitBreaker, REFUSED } from './circuit-breaker.js';
export type {
  BreakerCounts,
  BreakerSettings,
  BreakerState,
  CallOutcome,
  Permit,
  TransitionListener,
} from './circuit-breaker.js';
export {
  deadlineAfter,
  earlier,
  hasPassed,
  NO_DEADLINE,
  remainingMs,
} from './deadline.js';
export type { Deadline } from './deadline.js';
export {
  DurationSyntaxError,
  parseDurationMs,
  parseDurationNs,
} from './duration.js';
export type { DurationFault } from './duration.js';
export { Plan } from './plan.js';
export { TokenBucket } from './token-bucket.js';
