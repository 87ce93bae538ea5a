/**
 * Replays recorded vectors with the built library and says where the two part.
 *
 *   node test/conformance/run.mjs [--vectors FOLDER] [--core FILE] [--krakend FILE]
 *
 * FOLDER is test/vectors unless given; FILE is another build of the core,
 * or of what KrakenD enforces.
 * Exit code: 0 all agreed, 1 something disagreed, 2 something could not be replayed.
 */
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { replayFolder } from './replay-folder.mjs';
import { describeFile, describeRun } from './report.mjs';

const OWN_VECTORS = fileURLToPath(new URL('../vectors', import.meta.url));

try {
  const { values } = parseArgs({
    options: {
      vectors: { type: 'string' },
      core: { type: 'string' },
      krakend: { type: 'string' },
    },
  });
  const core = await load(values.core, 'nestjs-floodgate/core');
  const krakend = values.krakend
    ? await load(values.krakend)
    : (await load(undefined, 'nestjs-floodgate/krakend')).enforced;
  const folder = resolve(values.vectors ?? OWN_VECTORS);
  const files = replayFolder(folder, core, krakend);
  for (const file of files) console.log(describeFile(file));
  console.log(describeRun(files));
  process.exitCode = exitCode(files);
} catch (error) {
  console.error(`conformance: ${error.message}`);
  process.exitCode = 2;
}

async function load(path, name) {
  if (path !== undefined) return import(pathToFileURL(resolve(path)).href);
  try {
    return await import(name);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error('the library is not built; run "npm run build" first', {
      cause: error,
    });
  }
}

function exitCode(files) {
  if (files.some((file) => file.status === 'failed')) return 2;
  return files.some((file) => file.status === 'disagreed') ? 1 : 0;
}
