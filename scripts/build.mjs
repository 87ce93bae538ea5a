// Builds the library into dist, or into the folder that is named: the
// declarations by tsc, and one file for each way in by rolldown.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2] ?? join(ROOT, 'dist'));
const { exports, bin, dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);

/** The files that users of the package reach, such as `core/index`. */
function entries() {
  const files = [
    ...Object.values(exports).map(({ default: file }) => file),
    ...Object.values(bin ?? {}),
  ];
  return files.flatMap((file) => {
    const built = /^(?:\.\/)?dist\/(.+)\.js$/.exec(file ?? '');
    return built ? [built[1]] : [];
  });
}

/**
 * All packages but zod, most of which is left out again: alone, it has an
 * application load a hundred files as it starts, half of them translations.
 */
const external = Object.keys({ ...dependencies, ...peerDependencies })
  .filter((name) => name !== 'zod')
  .map((name) => new RegExp(`^${name}(/|$)`));

rmSync(out, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(ROOT, 'tsconfig.build.json'),
    '--outDir',
    out,
  ],
  { stdio: 'inherit' },
);
await build({
  cwd: ROOT,
  input: Object.fromEntries(
    entries().map((entry) => [entry, `lib/${entry}.ts`]),
  ),
  platform: 'node',
  external,
  logLevel: 'warn',
  output: {
    dir: out,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    sourcemap: true,
  },
});
copyFileSync(join(ROOT, 'node_modules/zod/LICENSE'), join(out, 'zod.LICENSE'));
