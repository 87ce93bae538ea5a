/**
 * Arrows point inwards: core knows nothing of ours, the two layers never see
 * each other, and only the module puts the parts together.
 */
const tests = '\\.(spec|fixture)\\.ts$';

const layer = (name, allowed) => ({
  name: `${name}-points-inwards`,
  severity: 'error',
  from: { path: `^lib/${name}/`, pathNot: tests },
  to: {
    path: '^lib/',
    pathNot: allowed.map((part) =>
      part.endsWith('.ts') ? `^lib/${part}$` : `^lib/${part}/`,
    ),
  },
});

/** What the two layers share. */
const below = ['core', 'config', 'stores', 'http', 'events.ts'];

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-is-pure',
      comment: 'no package and no part of Node; oxlint forbids the globals',
      severity: 'error',
      from: { path: '^lib/core/', pathNot: tests },
      to: { pathNot: '^lib/core/' },
    },
    {
      name: 'every-folder-has-its-place',
      comment: 'a new folder needs a line below that says what it may import',
      severity: 'error',
      from: {
        path: '^lib/[^/]+/',
        pathNot:
          '^lib/(core|config|stores|http|router|proxy|krakend|cli|explain|reload)/',
      },
      to: {},
    },
    layer('http', ['core', 'http']),
    layer('config', ['core', 'config', 'stores', 'http']),
    layer('stores(?!/redis)', ['core', 'stores']),
    layer('stores/redis', [...below, 'stores/redis']),
    {
      name: 'only-the-redis-store-knows-redis',
      severity: 'error',
      from: { path: '^lib/', pathNot: ['^lib/stores/redis/', tests] },
      to: {
        path: ['^lib/stores/redis/', 'node_modules/(redis|@redis|ioredis)/'],
      },
    },
    {
      name: 'events-know-core-alone',
      severity: 'error',
      from: { path: '^lib/events\\.ts$' },
      to: { path: '^lib/', pathNot: '^lib/core/' },
    },
    layer('krakend', ['core', 'config', 'krakend']),
    // The replay of recorded vectors builds these two folders and nothing else.
    layer('krakend/enforced', ['core', 'krakend/enforced']),
    layer('cli', ['core', 'config', 'stores', 'krakend', 'router', 'cli']),
    layer('router', [...below, 'router']),
    layer('proxy', [...below, 'proxy']),
    layer('reload', [...below, 'reload']),
    layer('explain', [...below, 'router', 'proxy', 'explain']),
    {
      name: 'built-code-needs-no-test',
      severity: 'error',
      from: { path: '^lib/', pathNot: tests },
      to: { path: tests },
    },
    {
      name: 'no-package-but-the-declared',
      severity: 'error',
      from: { path: '^lib/', pathNot: tests },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'],
        dependencyTypesNot: ['npm', 'npm-peer'],
        // The build makes these part of the files.
        pathNot: 'node_modules/(fastest-levenshtein|structured-headers)/',
      },
    },
    {
      name: 'surface-only-exports',
      comment: 'nothing inside the library imports its own public surface',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/index\\.ts$' },
      to: { path: '^lib/index\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
