import { fileURLToPath } from 'node:url';
import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

const lib = (path: string) =>
  fileURLToPath(new URL(`./lib/${path}`, import.meta.url));

/** They keep every core busy, so they run when no test of timing does. */
const compilers = ['test/packaging/*.spec.ts', 'test/docs/*.spec.ts'];

// esbuild emits no decorator metadata, which Nest's injector reads; swc does.
export default defineConfig({
  plugins: [
    swc.vite({
      module: { type: 'es6' },
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
    }),
  ],
  resolve: {
    alias: [
      { find: /^nestjs-floodgate$/, replacement: lib('index.ts') },
      { find: /^nestjs-floodgate\/core$/, replacement: lib('core/index.ts') },
    ],
  },
  test: {
    testTimeout: 15_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'library',
          include: [
            'lib/**/*.spec.ts',
            'test/**/*.spec.ts',
            'sample-app/**/*.spec.ts',
          ],
          exclude: compilers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: compilers,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
