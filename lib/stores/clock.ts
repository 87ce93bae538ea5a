export type { Clock } from './bucket-store.js';
export { processClock } from './memory-store.js';
