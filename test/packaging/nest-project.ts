import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.js';

/** The majors of Nest that the library is for. */
export const nestMajors = [11, 12] as const;
export type NestMajor = (typeof nestMajors)[number];

/** The two forms in which TypeScript emits the same application. */
export const moduleForms = ['module', 'commonjs'] as const;

const APPLICATION = fileURLToPath(new URL('./application', import.meta.url));
const COMPILE = fileURLToPath(new URL('./compile.mjs', import.meta.url));

const INSTALL = [
  'install',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--ignore-scripts',
  '--legacy-peer-deps=false',
];

/**
 * Sets up a project with that Nest and the packed library in `folder`. It
 * holds the application twice, in a folder for each form of module.
 */
export async function makeProject(
  folder: string,
  nest: NestMajor,
  tarball: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, 'package.json'), {
    private: true,
    dependencies: {
      ...dependencies(nest),
      'nestjs-floodgate': tarball,
      ...Object.fromEntries(
        compilers.map((name) => [name, `npm:${name.replace('-', '@~')}`]),
      ),
    },
  });
  await writeJson(join(folder, 'tsconfig.json'), tsconfig);
  for (const form of moduleForms) {
    await cp(APPLICATION, join(folder, form), { recursive: true });
    await writeJson(join(folder, form, 'package.json'), { type: form });
  }
  await run('npm', INSTALL, folder, 180_000);
}

/**
 * Type-checks both applications and the library's own types, and emits the applications.
 *
 * @throws Error that lists what TypeScript found
 */
export async function compile(folder: string): Promise<void> {
  await run(process.execPath, [COMPILE, folder], folder, 180_000);
}

/** The compilers that can be asked, as packages of the project. */
export const compilers = ['typescript-5.9', 'typescript-6.0'] as const;

/** The ways in which TypeScript finds the types of a package, by the names of their options. */
export const resolutions = {
  node10: {
    module: 'commonjs',
    moduleResolution: 'node10',
    esModuleInterop: true,
  },
  node16: { module: 'node16' },
  nodenext: { module: 'nodenext' },
  bundler: { module: 'preserve', moduleResolution: 'bundler' },
} as const;

/**
 * Type-checks one of the applications and the library's own types.
 *
 * @throws Error that lists what TypeScript found
 */
export async function checkTypes(
  folder: string,
  form: (typeof moduleForms)[number],
  resolution: keyof typeof resolutions,
  compiler: (typeof compilers)[number],
): Promise<void> {
  const name = `tsconfig.${form}.${resolution}.${compiler}.json`;
  const isOld = resolution === 'node10' && compiler === 'typescript-6.0';
  await writeJson(join(folder, name), {
    compilerOptions: {
      ...tsconfig.compilerOptions,
      ...resolutions[resolution],
      ...(isOld ? { ignoreDeprecations: '6.0' } : {}),
      noEmit: true,
    },
    include: [form],
  });
  const args = [COMPILE, folder, name, compiler];
  await run(process.execPath, args, folder, 180_000);
}

function dependencies(nest: NestMajor): Record<string, string> {
  return {
    '@nestjs/common': `^${nest}.0.0`,
    '@nestjs/core': `^${nest}.0.0`,
    '@nestjs/platform-express': `^${nest}.0.0`,
    '@nestjs/platform-fastify': `^${nest}.0.0`,
    '@types/express': '^5.0.0',
    '@types/node': '^20.19.0',
    ...otherPeers[nest],
  };
}

/** The older Nest meets the oldest of the other peers, the newer one the newest. */
const otherPeers: Record<NestMajor, Record<string, string>> = {
  11: { axios: '1.7.0', 'reflect-metadata': '0.1.13', rxjs: '7.8.0' },
  12: { axios: '^1.7.0', 'reflect-metadata': '^0.2.0', rxjs: '^7.8.0' },
};

// `nodenext` takes the form of module from the package.json beside the sources.
const tsconfig = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    types: ['node'],
  },
  include: moduleForms,
};

function writeJson(path: string, content: unknown): Promise<void> {
  return writeFile(path, JSON.stringify(content, undefined, 2));
}
