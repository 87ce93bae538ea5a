import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askAsInReadme, printedAnswers } from './ask-application.js';
import { run } from './command.js';
import { writeCompiledApplication } from './compiled-application.js';
import { packLibrary, REPOSITORY } from './tarball.js';
import type { Tarball } from './tarball.js';

const MINUTE_MS = 60_000;

/** Where the packages of each Nest are: what stands below such a folder finds them. */
const homes = { 11: join(REPOSITORY, 'test/nest-11'), 12: REPOSITORY } as const;
const majors = [11, 12] as const;
const forms = ['module', 'commonjs'] as const;

const folders = {} as Record<(typeof majors)[number], string>;
let tarball: Tarball;

/** The library as an application has it, in `node_modules`, unpacked. */
const library = () => join(folders[12], 'node_modules/nestjs-floodgate');

beforeAll(async () => {
  for (const nest of majors) {
    const build = join(homes[nest], 'build');
    await mkdir(build, { recursive: true });
    folders[nest] = await mkdtemp(join(build, 'loading-'));
  }
  tarball = await packLibrary(folders[12]);
  for (const nest of majors) {
    const modules = join(folders[nest], 'node_modules');
    await mkdir(modules);
    // A package of its own: else "nestjs-floodgate" means the checkout around it.
    await writeFile(join(folders[nest], 'package.json'), '{ "private": true }');
    await run('tar', ['-xzf', tarball.path, '-C', modules], REPOSITORY);
    const installed = join(modules, 'nestjs-floodgate');
    await cp(join(modules, 'package'), installed, { recursive: true });
  }
}, 2 * MINUTE_MS);

afterAll(() =>
  Promise.all(
    Object.values(folders).map((folder) =>
      rm(folder, { recursive: true, force: true }),
    ),
  ),
);

describe('the packed library', () => {
  it('contains its licence, its docs and what was built, and nothing else', () => {
    const [built, others] = [true, false].map((inDist) =>
      tarball.files.filter((file) => file.startsWith('dist/') === inDist),
    );

    const pages = others.filter((file) => file.startsWith('docs/'));
    expect(pages).toEqual(
      expect.arrayContaining(['docs/errors.md', 'docs/findings.md']),
    );
    expect(pages.filter((file) => !/\.md$|overview/.test(file))).toEqual([]);
    const atRoot = others.filter((file) => !pages.includes(file));
    expect(atRoot.toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    const usual = /\.(js|js\.map|d\.ts)$/;
    expect(built.filter((file) => !usual.test(file)).toSorted()).toEqual([
      'dist/cjs/package.json',
      'dist/fastest-levenshtein.LICENSE',
      'dist/structured-headers.LICENSE',
      'dist/zod.LICENSE',
    ]);
    expect(built.filter((file) => /\.(spec|fixture)\./.test(file))).toEqual([]);
  });

  it('has files that V8 stores at one byte per character', async () => {
    const code = tarball.files.filter((file) => file.endsWith('.js'));
    expect(code).toContain('dist/index.js');
    const texts = await Promise.all(
      code.map((file) => readFile(join(library(), file), 'utf8')),
    );
    expect(code.filter((_, i) => /[^\0-\xff]/.test(texts[i]))).toEqual([]);
  });

  it('imports optional packages only where that may fail, so that bundlers can omit them', async () => {
    const { peerDependenciesMeta } = await manifest();
    const optional = Object.keys(peerDependenciesMeta).filter(
      (name) => !name.startsWith('@nestjs/'),
    );
    const names = optional.join('|');
    const code = tarball.files.filter((file) =>
      /^dist\/(?!cli\/).*\.js$/.test(file),
    );
    const found: string[] = [];
    for (const file of code) {
      const text = await readFile(join(library(), file), 'utf8');
      const named = new RegExp(
        `^.*(?:from|import|require)\\W{1,3}["'](?:${names})["'/].*$`,
        'gm',
      );
      for (const [line] of text.matchAll(named)) found.push(line.trim());
      // Left to chance: which package it is shows when it runs.
      expect(text).not.toMatch(/\bimport\((?!["'])/);
    }
    expect(found.length).toBeGreaterThan(0);
    const guarded = /^(const undici = |return )await (import|Promise\.resolve)/;
    expect(found.filter((line) => !guarded.test(line))).toEqual([]);
  });

  it('has every entry point in both formats, with types that all resolutions find', async () => {
    const { exports, main, types, typesVersions } = await manifest();
    const ways = Object.entries(exports).filter(
      ([way]) => way !== './package.json',
    );
    expect(ways).toHaveLength(4);
    for (const [way, conditions] of ways) {
      expect(Object.keys(conditions)).toEqual([
        'import',
        'module-sync',
        'module',
        'require',
      ]);
      const { import: asModule, require: asCommonJs } = conditions;
      expect(conditions['module-sync']).toEqual(asModule);
      expect(conditions.module).toEqual(asModule);
      const files = [asModule, asCommonJs].flatMap((each) => [
        each.types,
        each.default,
      ]);
      for (const file of files)
        expect({ file, exists: existsSync(join(library(), file)) }).toEqual({
          file,
          exists: true,
        });
      const older = way === '.' ? types : typesVersions['*'][way.slice(2)]?.[0];
      expect(older).toBe(asCommonJs.types);
    }
    expect(main).toBe(exports['.'].require.default);
  });

  it('is the same instance for import and require', async () => {
    const { exports } = await manifest();
    const ways = Object.keys(exports)
      .filter((way) => way !== './package.json')
      .map((way) => way.replace('.', 'nestjs-floodgate'));
    const script = `Promise.all(${JSON.stringify(ways)}.map(async (way) => {
      const imported = await import(way);
      const required = require(way);
      const names = Object.keys(imported);
      return names.length > 0 && names.every((name) => imported[name] === required[name]);
    })).then((same) => console.log(same.join()))`;

    const same = await run(process.execPath, ['-e', script], folders[12]);

    expect(same.trim()).toBe('true,true,true,true');
  });

  it('exports the same names in both formats', async () => {
    const script = `(async () => {
      const { exports } = require('nestjs-floodgate/package.json');
      for (const [way, { import: asModule, require: asCommonJs }] of Object.entries(exports)) {
        if (way.endsWith('.json')) continue;
        const at = (file) => './node_modules/nestjs-floodgate/' + file;
        const names = [await import(at(asModule.default)), require(at(asCommonJs.default))].map(
          (all) => Object.keys(all).filter((name) => !/^(default|module.exports|__esModule)$/.test(name)).sort().join());
        console.log(names[0] === names[1] && names[0].length > 0);
      }
    })()`;

    const same = await run(process.execPath, ['-e', script], folders[12]);

    expect(same.trim().split('\n')).toEqual(['true', 'true', 'true', 'true']);
  });
});

describe.each(majors)('an application on Nest %i', (nest) => {
  it.each(forms)(
    'answers as the README shows, as %s',
    async (form) => {
      const application = await makeApplication(nest, form);
      const answers = await askAsInReadme(application, start);
      expect(answers).toEqual(await printedAnswers());
    },
    MINUTE_MS,
  );

  // What loads it so, such as Jest and older bundlers, cannot load the other format.
  it(
    'answers as the README shows with the CommonJS files',
    async () => {
      const application = await makeApplication(nest, 'commonjs', (code) =>
        code.replaceAll(
          "'nestjs-floodgate'",
          "'../../node_modules/nestjs-floodgate/dist/cjs/index.js'",
        ),
      );
      const answers = await askAsInReadme(application, start);
      expect(answers).toEqual(await printedAnswers());
    },
    MINUTE_MS,
  );
});

describe('two copies of the library in one process', () => {
  it.each([
    ['ProxyRateLimit', 'CatalogService.featured'],
    ['RouterRateLimit', 'ProductsController.search'],
    ['InjectBackend', 'CatalogService'],
    ['HttpBackend, InjectBackend, ProxyRateLimit', 'CatalogService'],
    ['ThrottleModule', 'nestjs-floodgate'],
  ])(
    'do not start with %s of the other copy and explain why',
    async (names, place) => {
      const application = await makeApplication(12, 'module', (code) => {
        const kept = names
          .split(', ')
          .reduce(
            (text, name) => text.replace(new RegExp(`^  ${name},\\n`, 'm'), ''),
            code,
          );
        const other = '../../node_modules/nestjs-floodgate/dist/cjs/index.js';
        return `import { ${names} } from '${other}';\n${kept}`;
      });

      const error = await askAsInReadme(application, start).catch(String);

      expect(error).toContain('did not start');
      expect(error).toMatch(/another copy|two copies/);
      expect(error).toContain(place);
    },
    MINUTE_MS,
  );

  it(
    'do not start with two modules and say so',
    async () => {
      const application = await makeApplication(12, 'module', (code) =>
        `import { ThrottleModule as Other } from '../../node_modules/nestjs-floodgate/dist/cjs/index.js';\n${code}`.replace(
          'imports: [',
          'imports: [Other.forRoot(), ',
        ),
      );

      const error = await askAsInReadme(application, start).catch(String);

      expect(error).toContain('found 2 modules with options');
    },
    MINUTE_MS,
  );
});

const start = [process.execPath, 'src/main.js'];

interface WayIn {
  readonly types: string;
  readonly default: string;
}

interface Manifest {
  readonly main: string;
  readonly types: string;
  readonly typesVersions: { readonly '*': Record<string, string[]> };
  readonly exports: Record<
    string,
    Record<'import' | 'module-sync' | 'module' | 'require', WayIn>
  >;
  readonly peerDependenciesMeta: Record<string, unknown>;
}

async function manifest(): Promise<Manifest> {
  const file = await readFile(join(library(), 'package.json'), 'utf8');
  return JSON.parse(file) as Manifest;
}

/** The application of the README beside the library. */
async function makeApplication(
  nest: (typeof majors)[number],
  form: (typeof forms)[number],
  change?: (code: string) => string,
) {
  const folder = await mkdtemp(join(folders[nest], `${form}-`));
  return writeCompiledApplication(folder, form, {}, change);
}
