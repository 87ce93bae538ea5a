import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as clientKey from './client-key.mjs';
import * as circuitBreaker from './circuit-breaker.mjs';
import * as config from './config.mjs';
import * as duration from './duration.mjs';
import * as tokenBucketReference from './token-bucket-reference.mjs';
import { readVectors } from './vector-file.mjs';

/**
 * What became of one file of a folder.
 *
 * @typedef {object} ReplayedFile
 * @property {string} name
 * @property {'agreed' | 'disagreed' | 'not replayed' | 'failed'} status
 * @property {string} [reason] why it was not replayed or failed
 * @property {import('./tally.mjs').Tally} [tally]
 */

/** By the `kind` that a file of vectors gives itself, else by its name. */
const REPLAYERS = new Map([
  ['token-bucket-reference', tokenBucketReference],
  ['circuit-breaker', circuitBreaker],
  ['duration', duration],
  ['config', config],
  ['client-key', clientKey],
]);

/**
 * Replays every file of a folder that holds vectors of a known kind.
 *
 * @param {string} folder
 * @param {typeof import('nestjs-floodgate/core')} core
 * @param {typeof import('nestjs-floodgate/krakend').enforced} krakend
 * @returns {ReplayedFile[]}
 * @throws Error when the folder cannot be read or holds nothing to replay
 */
export function replayFolder(folder, core, krakend) {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
  const files = names.map((name) =>
    replayFile(join(folder, name), name, core, krakend),
  );
  if (files.every((file) => file.status === 'not replayed')) {
    const kinds = [...REPLAYERS.keys()].join(', ');
    throw new Error(`${folder} holds no vectors of a known kind (${kinds})`);
  }
  return files;
}

function replayFile(path, name, core, krakend) {
  if (!name.endsWith('.json')) {
    return { name, status: 'not replayed', reason: 'no JSON file' };
  }
  try {
    const content = readVectors(path);
    const kind = content.kind ?? basename(name, '.json');
    const replayer = REPLAYERS.get(kind);
    if (replayer === undefined) {
      const reason = `kind ${JSON.stringify(kind)} is not known`;
      return { name, status: 'not replayed', reason };
    }
    const tally = replayer.replay(content, core, krakend);
    return { name, status: tally.agrees ? 'agreed' : 'disagreed', tally };
  } catch (error) {
    return { name, status: 'failed', reason: error.message };
  }
}
