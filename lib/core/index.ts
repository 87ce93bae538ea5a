export { backoffMs } from './retry/backoff.js';
export type { BackoffSettings } from './retry/backoff.js';
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
export type { BreakerCounts, CallOutcome } from './breaker/call-tally.js';
export { CircuitBreaker, REFUSED } from './breaker/circuit-breaker.js';
export type {
  BreakerState,
  Permit,
  TransitionListener,
} from './breaker/circuit-breaker.js';
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
export type { HostSettings, HostState, OutTime } from './hosts/host-health.js';
export { HostPool, NO_TURN } from './hosts/host-pool.js';
export type {
  HostListener,
  LoadBalancing,
  PoolSettings,
  Turn,
} from './hosts/host-pool.js';
export { Plan } from './plan/plan.js';
export type { BreakerRates } from './breaker/rate-rule.js';
export { TokenBucket } from './bucket/token-bucket.js';
export { RetryBudget } from './retry/retry-budget.js';
export type { RetryBudgetSettings } from './retry/retry-budget.js';
