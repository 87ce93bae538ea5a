export { redisStore } from './store.js';
export type { RedisClient, RedisStoreOptions } from './redis-store.schema.js';
export { StoreUnavailableException } from './outage/fallback.js';
export type { StoreTransition } from '../../events.js';
