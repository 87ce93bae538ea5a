export { ThrottleModule } from './throttle.module.js';
export type { ThrottleAsyncOptions } from './throttle.module.js';
export { THROTTLE_OPTIONS } from './providers.js';
export { ThrottleService, printPolicies } from './throttle.service.js';
export type { WatchOptions } from './reload/watch-options.js';
export type { Explanation } from './explain/explanation.js';
export type {
  BackendPolicy,
  CallLimitPolicy,
} from './explain/backend-policy.js';
export type { Policies, RoutePolicy } from './explain/policies.js';
export type {
  BucketPolicy,
  LimitPolicy,
  TierPolicy,
} from './router/explain/limit-policy.js';
export type { BucketView } from './router/routes/bucket-view.js';
export type {
  FindingCode,
  ThrottleOptions,
} from './config/schema/throttle-options.schema.js';
export type { RouterLimitOptions } from './config/schema/router-limit.schema.js';
export type {
  CostFunction,
  KeyFunction,
  RequestOutcome,
  SettleFunction,
} from './config/schema/limit-fields.js';
export type {
  AccessFunction,
  ResolveFunction,
  TierFunction,
} from './config/schema/choice-fields.js';
export type { BackendLimitOptions } from './config/schema/backend-limit.schema.js';
export type { FailureFunction } from './config/schema/circuit-breaker.schema.js';
export type {
  CallOptions,
  FallbackCondition,
  FallbackFunction,
  FallbackOptions,
} from './config/schema/call-options.schema.js';
export type {
  HedgeOptions,
  RetryOptions,
} from './config/schema/retry.schema.js';
export type { LimitText } from './config/schema/limit-text.js';
export { ThrottleConfigError } from './config/fault.js';
export type { Fault } from './config/fault.js';
export { Findings } from './config/findings.js';
export type { Finding } from './config/findings.js';

export {
  RouterRateLimit,
  SkipRouterRateLimit,
} from './router/decorators/router-rate-limit.decorator.js';
export type { RouterLimitArgument } from './router/decorators/router-rate-limit.decorator.js';
export { noRateLimits } from './router/enforce/enforcer.js';
export { AuditCounts } from './router/audit/audit-counts.js';
export type { AuditCount } from './router/audit/audit-counts.js';
export {
  ClientDeniedException,
  ClientRateLimitedException,
  ClientUnknownException,
  EndpointRateLimitedException,
  EndpointTimeoutException,
} from './router/reject/rejection.js';

export type { EntryOptions } from './proxy/entries/proxy-rate-limit.decorator.js';
export { ProxyRateLimit } from './proxy/entries/proxy-rate-limit.decorator.js';
export {
  getBackendToken,
  InjectBackend,
} from './proxy/inject-backend.decorator.js';
export { BackendClient } from './proxy/backend-client.js';
export { HttpBackend } from './proxy/http-backend.js';
export type { BackendLoad } from './proxy/admission/admission.js';
export type { HostView } from './proxy/protection/hosts.js';
export type {
  BreakerControl,
  BreakerView,
} from './proxy/protection/breaker.js';
export type { RetryBudgetCounts } from './core/retry/retries.js';
export {
  BackendAnswerTooLargeException,
  BackendBusyException,
  BackendException,
  BackendRateLimitedException,
  BackendTimeoutException,
  BackendUnreachableException,
  CircuitOpenException,
} from './proxy/errors.js';

export { remainingTimeMs } from './http/call-scope.js';

export { ProblemException } from './http/problem-exception.js';
export type {
  Problem,
  RefusalBody,
  RefusalBodyFunction,
  ProblemMessage,
} from './http/problem.js';
export type { ProblemExtensions } from './http/problem-exception.js';
export type {
  ConfigurationChange,
  RefusalEvent,
  BreakerTransition,
  HostTransition,
} from './events.js';
export type { HostState } from './core/hosts/host-pool.js';
export type {
  BreakerCounts,
  BreakerState,
} from './core/breaker/circuit-breaker.js';
export type { BreakerRates } from './core/breaker/rate-rule.js';
export type {
  BucketSpec,
  BucketStore,
  PlannedBuckets,
  Verdict,
} from './stores/bucket-store.js';
export type { StoreHost, StoreSource } from './config/schema/store.schema.js';
export { printable } from './config/format/text.js';
