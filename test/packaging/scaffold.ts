import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run } from './command.js';

/** The applications that `nest new` offers. */
export const scaffolds = {
  'nest-11': { nest: 11, devkit: 19, type: undefined },
  'nest-12-esm': { nest: 12, devkit: 22, type: 'esm' },
  'nest-12-cjs': { nest: 12, devkit: 22, type: 'cjs' },
} as const;

const MINUTE_MS = 60_000;

/** They only read or print the code, and take half of the time to install. */
const STYLE =
  /eslint|prettier|oxlint|^globals$|^@nestjs\/mau$|coverage|source-map-support/;

/**
 * Writes a new application as `nest new` does, with what `nest new` would
 * install, save linters, and installs that and the library.
 *
 * @param folder where it goes; its name becomes that of the application
 */
export async function makeScaffold(
  folder: string,
  kind: keyof typeof scaffolds,
  tarball: string,
  devDependencies: Record<string, string> = {},
): Promise<void> {
  await writeScaffold(folder, kind);
  const file = join(folder, 'package.json');
  const written = JSON.parse(await readFile(file, 'utf8')) as PackageJson;
  const changed = {
    ...written,
    dependencies: {
      ...written.dependencies,
      axios: '^1.7.0',
      'nestjs-floodgate': `file:${tarball}`,
    },
    devDependencies: {
      ...withoutStyle(written.devDependencies),
      ...devDependencies,
    },
  };
  await writeFile(file, JSON.stringify(changed, undefined, 2));
  await install(folder);
}

interface PackageJson {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

async function writeScaffold(
  folder: string,
  kind: keyof typeof scaffolds,
): Promise<void> {
  const { nest, devkit, type } = scaffolds[kind];
  const options = [`--name=${basename(folder)}`];
  if (type) options.push(`--type=${type}`);
  const version = { nest, devkit };
  await generate(dirname(folder), 'application', options, version);
  // They ask for the controller in whose place the README's stands.
  await rm(join(folder, 'test/app.e2e-spec.ts'));
}

/**
 * Runs one of Nest's schematics, as `nest new` and `nest generate` do, which
 * would ask a person for what is left out.
 */
export async function generate(
  folder: string,
  schematic: string,
  options: readonly string[],
  { nest, devkit }: { nest: number; devkit: number } = scaffolds['nest-11'],
): Promise<void> {
  const packages = [
    `--package=@nestjs/schematics@${nest}`,
    `--package=@angular-devkit/schematics-cli@${devkit}`,
  ];
  const command = ['schematics', `@nestjs/schematics:${schematic}`, ...options];
  const exec = ['exec', '--yes', '--prefer-offline', ...packages, '--'];
  await run('npm', [...exec, ...command], folder, 3 * MINUTE_MS);
}

function withoutStyle(packages: Record<string, string>) {
  const kept = Object.entries(packages).filter(([name]) => !STYLE.test(name));
  return Object.fromEntries(kept);
}

/** Installs what the package.json of a folder says, out of the cache of npm as far as it is there. */
export async function install(folder: string): Promise<void> {
  await run(
    'npm',
    [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
    ],
    folder,
    5 * MINUTE_MS,
  );
}
