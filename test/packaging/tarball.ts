import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.js';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export interface Tarball {
  readonly path: string;
  /** What is in it, by path. */
  readonly files: readonly string[];
}

/** Builds the library and packs it into `folder`; the repository's own build is left as it is. */
export async function packLibrary(folder: string): Promise<Tarball> {
  const stage = join(folder, 'package');
  const build = ['scripts/build.mjs', join(stage, 'dist')];
  await run(process.execPath, build, REPOSITORY);
  for (const name of await readdir(REPOSITORY)) {
    if (!/^(package\.json|.*\.md|LICENSE|docs)$/.test(name)) continue;
    await cp(join(REPOSITORY, name), join(stage, name), { recursive: true });
  }
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination'];
  const report = JSON.parse(await run('npm', [...pack, folder], stage)) as {
    filename: string;
    files: { path: string }[];
  }[];
  const [{ filename, files }] = Object.values(report);
  return {
    path: join(folder, filename),
    files: files.map(({ path }) => path),
  };
}
