export { redisStore } from './store.js';
export type { RedisClient, RedisStoreOptions } from './store.schema.js';
export { StoreUnavailableException } from './outage/fallback.js';
export type { StoreTransition } from '../../telemetry/store-channel.js';
