export * from '../../dist/core/index.js';
