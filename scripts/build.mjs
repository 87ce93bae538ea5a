// Builds the library into dist, or into the folder that is named, in both
// formats of modules: one file for each way in by rolldown, the declarations
// by tsc. Each format has declarations of its own, for axios declares its types
// once for each format, and they are not always the same.
//
//   dist/            ES modules, and the command
//   dist/cjs/        the same as CommonJS, for what cannot load ES modules: Jest, older bundlers
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2] ?? join(ROOT, 'dist'));
const { exports, bin, dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);

/** What applications load, such as `core/index`. */
const entries = Object.values(exports).flatMap(({ import: entry }) =>
  entry ? [builtFrom(entry.default)] : [],
);
const commands = Object.values(bin).map(builtFrom);

/** The module in `lib` that becomes this file of the package. */
function builtFrom(file) {
  return /^(?:\.\/)?dist\/(.+)\.js$/.exec(file)[1];
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

function bundle(modules, output) {
  return build({
    cwd: ROOT,
    input: Object.fromEntries(modules.map((name) => [name, `lib/${name}.ts`])),
    platform: 'node',
    resolve: { mainFields: ['module', 'main'] },
    external,
    plugins: [plainCharacters],
    logLevel: 'warn',
    output: {
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
      ...output,
    },
  });
}

/** Says that the `.js` and `.d.ts` files of a folder are CommonJS, in a package whose others are ES modules. */
function markCommonJs(folder) {
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
}

/** The build has nothing but declarations yet. */
function copyDeclarations(from, to) {
  const files = readdirSync(from, { recursive: true }).filter((name) =>
    name.endsWith('.d.ts'),
  );
  for (const name of files) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    copyFileSync(join(from, name), join(to, name));
  }
}

/**
 * Nest 12 has ES modules alone, of which CommonJS may name the types only
 * where it says so; for Nest 11 it makes no difference.
 */
function importTypesOfNest(folder) {
  const asImported = "{ 'resolution-mode': 'import' }";
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    const marked = text
      .replace(
        /^import (?:type )?(\{[^}]*\}) from ('@nestjs\/[^']+');$/gm,
        `import type $1 from $2 with ${asImported};`,
      )
      .replace(
        /\bimport\((["']@nestjs\/[^"']+["'])\)/g,
        `import($1, { with: ${asImported} })`,
      );
    if (marked !== text) writeFileSync(file, marked);
  }
}

rmSync(out, { recursive: true, force: true });

const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
const project = ['-p', join(ROOT, 'tsconfig.build.json'), '--outDir', out];
execFileSync(process.execPath, [tsc, ...project], { stdio: 'inherit' });
const cjs = join(out, 'cjs');
copyDeclarations(out, cjs);
importTypesOfNest(cjs);

await bundle([...entries, ...commands], { dir: out, format: 'esm' });

// Jest loads no ES module on demand either.
const asRequired = { format: 'cjs', dynamicImportInCjs: false };
await bundle(entries, { dir: cjs, ...asRequired });
markCommonJs(cjs);

for (const name of bundled) {
  const folder = join(ROOT, 'node_modules', name);
  const license = readdirSync(folder).find((file) => /^licen[sc]e/i.test(file));
  copyFileSync(join(folder, license), join(out, `${name}.LICENSE`));
}
