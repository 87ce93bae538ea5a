import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';
import type { TestProjectConfiguration } from 'vitest/config';

const from = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** They keep every core busy, so they run when no test of timing does. */
const compilers = ['test/packaging/*.spec.ts', 'test/docs/*.spec.ts'];

/** They measure how soon a fleet recovers, pauses and the heap, so they run when nothing else does. */
const alone = [
  'test/stores/redis/{fleet,networks,outage}.spec.ts',
  'test/e2e/router/{heap,large-updates}.spec.ts',
];

/** They replace a module of the library. */
const mocking = globSync('test/**/*.spec.ts', {
  cwd: from('.'),
  ignore: '**/node_modules/**',
}).filter((file) => readFileSync(from(file), 'utf8').includes('vi.mock('));

/**
 * Each of these files has a process of its own: it replaces a module of the
 * library, measures what its process does, or depends on the time in which a
 * store answers. All others share processes, which load Nest and the library once.
 */
const onItsOwn = [
  ...mocking,
  'test/docs/{recipes,troubleshooting}/*.spec.ts',
  'test/architecture/request-path.spec.ts',
  'test/e2e/proxy/{files-a-call-crosses,leftovers}.spec.ts',
  'test/e2e/proxy/failures/soak.spec.ts',
  'test/e2e/proxy/tracing/*.spec.ts',
  'test/hostile/*.spec.ts',
  'test/e2e/stores/*.spec.ts',
  'test/stores/redis/*.spec.ts',
];

/** What runs on the older Nest alone. */
const onNest11 = 'test/nest-11/*.spec.ts';

/** The packages of `test/nest-11` in the place of the newer ones. */
const nest11 = {
  find: /^@nestjs\//,
  replacement: from('./test/nest-11/node_modules/@nestjs/'),
};
/** The newer ones, also for what `test/nest-11` holds. */
const nest12 = {
  find: /^@nestjs\//,
  replacement: from('./node_modules/@nestjs/'),
};

/** What runs once more with tracers that wrap handlers, guards and interceptors. */
const traced = [
  'test/e2e/router/{limits,policies,tiers,controllers,clients,cost,access,timeout}.spec.ts',
  'test/e2e/transports/{graphql,rpc,ws}.spec.ts',
];

/** A project whose applications are watched by a tracer. */
function withTracer(tracer: string, nest: 11 | 12): TestProjectConfiguration {
  return {
    extends: true,
    resolve: { alias: [nest === 11 ? nest11 : nest12] },
    test: {
      name: `${tracer}-nest-${nest}`,
      include: traced,
      setupFiles: [from(`./test/support/instrumented/${tracer}.ts`)],
      provide: { nest },
      // Where Sentry stands, the other Nest is nearer.
      server: { deps: { inline: nest === 12 ? [/@sentry\/nestjs/] : [] } },
      isolate: false,
      maxWorkers: availableParallelism(),
      sequence: { groupOrder: 2 },
    },
  };
}

/** It does not know Nest 12 yet, so it stands with the older packages. */
const sentry = './test/nest-11/node_modules/@sentry/nestjs';

/** Most tests wait for sockets and timers, so twice as many as there are processors keep these busy. */
const PATIENT_WORKERS = 2 * availableParallelism();

/** What is tried on every axios that the library is for. */
const onEveryAxios = 'test/e2e/proxy/parity/*.spec.ts';

/** The oldest axios that the library is for, and one between it and the newest, in the place of the newest. */
const olderAxios = ['axios-1-7', 'axios-1-12'];

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
      { find: /^nestjs-floodgate$/, replacement: from('./lib/index.ts') },
      {
        find: /^nestjs-floodgate\/core$/,
        replacement: from('./lib/core/index.ts'),
      },
      {
        find: /^nestjs-floodgate\/redis$/,
        replacement: from('./lib/stores/redis/index.ts'),
      },
      {
        find: /^nestjs-floodgate\/krakend$/,
        replacement: from('./lib/krakend/index.ts'),
      },
      {
        find: /^@sentry\/nestjs$/,
        replacement: from(`${sentry}/build/esm/index.js`),
      },
      {
        find: /^@sentry\/nestjs\/setup$/,
        replacement: from(`${sentry}/build/esm/setup.js`),
      },
    ],
  },
  test: {
    reporters: ['default', from('./test/support/nothing-hidden-reporter.ts')],
    // A busy machine makes a test slow, not wrong.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['lib/**/*.spec.ts', 'sample-app/**/*.spec.ts'],
          isolate: false,
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.spec.ts'],
          exclude: [
            ...compilers,
            ...alone,
            ...onItsOwn,
            onNest11,
            'test/packaging/installs/**',
            '**/node_modules/**',
          ],
          isolate: false,
          maxWorkers: PATIENT_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'on-its-own',
          include: onItsOwn,
          exclude: alone,
          maxWorkers: PATIENT_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        resolve: { alias: [nest11] },
        test: {
          name: 'nest-11',
          include: [onNest11, 'test/e2e/{router,transports}/*.spec.ts'],
          exclude: [...alone, ...onItsOwn],
          isolate: false,
          maxWorkers: PATIENT_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        resolve: { alias: [nest11] },
        test: {
          name: 'nest-11-on-its-own',
          include: mocking.filter((file) =>
            /^test\/e2e\/(router|transports)\//.test(file),
          ),
          maxWorkers: PATIENT_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      withTracer('opentelemetry', 11),
      withTracer('opentelemetry', 12),
      withTracer('sentry', 11),
      withTracer('sentry', 12),
      withTracer('instrument', 12),
      ...olderAxios.map((name) => ({
        extends: true as const,
        resolve: {
          alias: [
            {
              find: /^axios$/,
              replacement: from(`./node_modules/${name}/index.js`),
            },
          ],
        },
        test: {
          name,
          include: [onEveryAxios],
          isolate: false,
          maxWorkers: PATIENT_WORKERS,
          sequence: { groupOrder: 1 },
        },
      })),
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: compilers,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
