// Builds the library into dist, or into the folder that is named: the
// declarations by tsc, and one file for each way in by rolldown.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
 * Packages that become part of the files, as far as they are used: alone, zod
 * has an application load a hundred files as it starts, half of them
 * translations, and the others eight. zod is a dependency all the same: the
 * declarations name its types.
 */
const bundled = ['fastest-levenshtein', 'structured-headers', 'zod'];

const external = Object.keys({ ...dependencies, ...peerDependencies })
  .filter((name) => !bundled.includes(name))
  .map((name) => new RegExp(`^${name}(/|$)`));

/** One character beyond Latin-1 doubles what V8 keeps of a whole file. All of ours stand in texts. */
const plainCharacters = {
  name: 'plain-characters',
  generateBundle: (_, files) => {
    for (const file of Object.values(files)) {
      if (file.type !== 'chunk') continue;
      file.code = file.code.replace(
        /[^\0-\xff]/g,
        (character) =>
          `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

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
  resolve: { mainFields: ['module', 'main'] },
  external,
  plugins: [plainCharacters],
  logLevel: 'warn',
  output: {
    dir: out,
    format: 'esm',
    // The declarations have them.
    comments: { jsdoc: false },
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    // Each file costs a start about a millisecond. These are loaded together in any case, and need no other package.
    codeSplitting: {
      groups: [
        { name: 'core', test: /\/lib\/core\// },
        { name: 'config', test: /\/lib\/config\/(?!findings)|\/zod\// },
      ],
    },
    sourcemap: true,
  },
});
for (const name of bundled) {
  const folder = join(ROOT, 'node_modules', name);
  const license = readdirSync(folder).find((file) => /^licen[sc]e/i.test(file));
  copyFileSync(join(folder, license), join(out, `${name}.LICENSE`));
}
