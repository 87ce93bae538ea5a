export * from '../../dist/stores/redis/index.js';
