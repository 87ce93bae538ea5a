import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** The store of Redis as one file, which processes of their own can load. */
export class BuiltStore {
  private constructor(private readonly folder: string) {}

  /** @param name what its folder is called */
  static async build(name: string): Promise<BuiltStore> {
    await mkdir(join(REPOSITORY, 'build'), { recursive: true });
    const folder = await mkdtemp(join(REPOSITORY, `build/${name}-`));
    await build({
      cwd: REPOSITORY,
      input: { store: 'lib/stores/redis/index.ts' },
      platform: 'node',
      external: [/^[^./]/],
      logLevel: 'silent',
      output: { dir: folder, entryFileNames: '[name].mjs' },
    });
    return new BuiltStore(folder);
  }

  /** The file to load. */
  get file(): string {
    return join(this.folder, 'store.mjs');
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
