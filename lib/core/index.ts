export { backoffMs, RetryBudget } from './retry/retries.js';
export type { BackoffSettings, RetryBudgetSettings } from './retry/retries.js';
export { bucketLimit } from './bucket/bucket-limit.js';
export type { BucketLimit, BucketRate } from './bucket/bucket-limit.js';
export { BucketTable } from './bucket/bucket-table.js';
export { KeyBound } from './bucket/key-bound.js';
export type { BoundTable } from './bucket/key-bound.js';
export type { Buckets } from './bucket/token-bucket.js';
export type { HashSecret } from './bucket/key-index.js';
export type {
  BreakerSettings,
  OpenGrowth,
  RateSettings,
} from './breaker/breaker-settings.js';
export type {
  BreakerCounts,
  BreakerState,
  CallOutcome,
  Permit,
  TransitionListener,
} from './breaker/circuit-breaker.js';
export { CircuitBreaker, REFUSED } from './breaker/circuit-breaker.js';
export {
  deadlineAfter,
  earlier,
  hasPassed,
  NO_DEADLINE,
  remainingMs,
} from './time/deadline.js';
export type { Deadline } from './time/deadline.js';
export {
  DurationSyntaxError,
  parseDurationMs,
  parseDurationNs,
} from './time/duration.js';
export type { DurationFault } from './time/duration.js';
export type {
  HostListener,
  HostSettings,
  HostState,
  LoadBalancing,
  OutTime,
  PoolSettings,
  Turn,
} from './hosts/host-pool.js';
export { HostPool, NO_TURN } from './hosts/host-pool.js';
export { Plan } from './plan/plan.js';
export type { BreakerRates } from './breaker/rate-rule.js';
export { TokenBucket } from './bucket/token-bucket.js';
