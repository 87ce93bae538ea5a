/**
 * Arrows point inwards: core knows nothing of ours, the two layers never see
 * each other, and only the module puts the parts together.
 */
const layer = (name, allowed) => ({
  name: `${name}-points-inwards`,
  severity: 'error',
  from: { path: `^lib/${name}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^lib/', pathNot: allowed.map((folder) => `^lib/${folder}/`) },
});

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
      comment: 'no Nest, axios, Redis, timers or process in the core',
      severity: 'error',
      from: { path: '^lib/core/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^lib/core/' },
    },
    layer('config', ['core', 'config']),
    layer('stores', ['core', 'stores']),
    layer('problem', ['problem']),
    layer('context', ['core', 'context']),
    layer('router', ['core', 'config', 'stores', 'problem', 'context', 'router']),
    layer('proxy', ['core', 'config', 'stores', 'problem', 'context', 'proxy']),
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
      extensions: ['.ts', '.js'],
      extensionAlias: { '.js': ['.ts', '.js'] },
    },
  },
};
