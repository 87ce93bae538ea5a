export { ThrottleModule } from './throttle.module.js';
export type { ThrottleAsyncOptions } from './throttle.module.js';
export type {
  FindingCode,
  ThrottleOptions,
} from './config/schema/throttle-options.schema.js';
export type {
  CostFunction,
  KeyFunction,
  RouterLimitOptions,
} from './config/schema/router-limit.schema.js';
export type {
  BackendLimitOptions,
  FailureFunction,
} from './config/schema/backend.schema.js';
export type { LimitText } from './config/schema/limit-text.js';
export { ThrottleConfigError } from './config/fault.js';
export type { Fault } from './config/fault.js';
export { Findings } from './config/findings.js';
export type { Finding } from './config/findings.js';

export {
  RouterRateLimit,
  SkipRouterRateLimit,
} from './router/router-rate-limit.decorator.js';
export type { RouterLimitArgument } from './router/router-rate-limit.decorator.js';
export {
  ClientRateLimitedException,
  ClientUnknownException,
  EndpointRateLimitedException,
  EndpointTimeoutException,
} from './router/refusals.js';

export { ProxyRateLimit } from './proxy/proxy-rate-limit.decorator.js';
export {
  getBackendToken,
  InjectBackend,
} from './proxy/inject-backend.decorator.js';
export { BackendClient } from './proxy/backend-client.js';
export { HttpBackend } from './proxy/http-backend.js';
export type { BreakerView } from './proxy/http-backend.js';
export { BackendException } from './proxy/errors/backend.exception.js';
export { BackendRateLimitedException } from './proxy/errors/backend-rate-limited.exception.js';
export { BackendTimeoutException } from './proxy/errors/backend-timeout.exception.js';
export { BackendUnreachableException } from './proxy/errors/backend-unreachable.exception.js';
export { CircuitOpenException } from './proxy/errors/circuit-open.exception.js';

export { ProblemException } from './problem/problem-exception.js';
export type { Problem } from './problem/problem-exception.js';
export type { BreakerTransition } from './telemetry/breaker-channel.js';
export type { BreakerCounts, BreakerState } from './core/circuit-breaker.js';
