import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConformanceRun, runConformance } from './conformance-run.fixture.js';
import { buildFolder } from './library-build.fixture.js';

/** A build of the core and of what KrakenD enforces, and a place for folders of vectors to replay with it. */
export interface ReplayBench {
  /** Replays a folder that holds these files, by name. */
  replay(files: Record<string, string>): Promise<ConformanceRun>;
  /** Replays the folder given, or the recorded vectors. */
  replayFolder(folder?: string): Promise<ConformanceRun>;
  close(): Promise<void>;
}

export async function openReplayBench(): Promise<ReplayBench> {
  const scratch = await mkdtemp(join(tmpdir(), 'conformance-'));
  const core = await buildFolder('core', scratch);
  const krakend = await buildFolder('krakend/enforced', scratch);
  const replayFolder = (folder?: string) =>
    runConformance(
      '--core',
      core,
      '--krakend',
      krakend,
      ...(folder === undefined ? [] : ['--vectors', folder]),
    );
  return {
    replayFolder,
    async replay(files) {
      const folder = await mkdtemp(join(scratch, 'vectors-'));
      for (const [name, text] of Object.entries(files)) {
        await writeFile(join(folder, name), text);
      }
      return replayFolder(folder);
    },
    close: () => rm(scratch, { recursive: true, force: true }),
  };
}
