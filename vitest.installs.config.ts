import { defineConfig } from 'vitest/config';

/**
 * The packed library in applications of its own, which are installed,
 * compiled, and run on other versions of Node: `npm run test:installs`.
 */
export default defineConfig({
  test: {
    include: ['test/packaging/installs/*.spec.ts'],
    globalSetup: 'test/packaging/installs/pack.ts',
    pool: 'forks',
    testTimeout: 300_000,
    hookTimeout: 600_000,
    maxWorkers: 3,
  },
});
