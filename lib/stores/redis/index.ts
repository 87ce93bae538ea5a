export { redisStore } from './redis-store.js';
export type { RedisClient, RedisStoreOptions } from './redis-store.schema.js';
export { StoreUnavailableException } from './store-unavailable.exception.js';
export type { StoreTransition } from '../../telemetry/store-channel.js';
