export { enforcedBreaker } from './circuit-breaker.js';
export type { EnforcedBreaker } from './circuit-breaker.js';
export { clientKey } from './client-key.js';
export type { KeyedRequest } from './client-key.js';
export { sectionOf } from './go-value.js';
export type { Section } from './go-value.js';
export {
  breaksDown,
  perSecond,
  proxyLimit,
  enforcedRouterLimit,
  strategyOf,
} from './rate-limit.js';
export type {
  EnforcedBucket,
  EnforcedClientBucket,
  EnforcedRouterLimit,
  KrakendStrategy,
} from './rate-limit.js';
