export { circuitBreaker } from './circuit-breaker.js';
export type { EnforcedBreaker } from './circuit-breaker.js';
export { clientKey } from './client-key.js';
export type { KeyedRequest } from './client-key.js';
export { breaksDown, perSecond } from './enforced-bucket.js';
export type { EnforcedBucket } from './enforced-bucket.js';
export { sectionOf } from './go-value.js';
export type { Section } from './go-value.js';
export { proxyLimit } from './proxy-limit.js';
export { routerLimit, strategyOf } from './router-limit.js';
export type {
  EnforcedClientBucket,
  EnforcedRouterLimit,
  KrakendStrategy,
} from './router-limit.js';
