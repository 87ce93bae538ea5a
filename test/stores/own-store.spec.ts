import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BucketStore, StoreSource } from 'nestjs-floodgate';
import { afterAll, beforeAll, describe } from 'vitest';
import {
  HandClock,
  itIsAStore,
} from '../../lib/stores/bucket-store.fixture.js';
import { codeBlocks } from '../docs/code-blocks.js';

const from = (path: string) =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));
const FILE = from(`build/own-store-${process.pid}.ts`);

interface Page {
  databaseStore(database: object): StoreSource;
}

/** A database in which everything takes a turn of the event loop. */
function slowDatabase() {
  const texts = new Map<string, string>();
  let last: Promise<unknown> = Promise.resolve();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    read: async (key: string) => {
      await turn();
      return texts.get(key);
    },
    write: async (key: string, text: string) => {
      await turn();
      texts.set(key, text);
    },
    exclusively: <Result>(work: () => Promise<Result>): Promise<Result> => {
      const done = last.then(work);
      last = done.catch(() => {});
      return done;
    },
  };
}

describe('the store that the documentation shows', () => {
  const clock: HandClock = { nowMs: 0 };
  let store: BucketStore;

  beforeAll(async () => {
    const text = await readFile(from('docs/stores.md'), 'utf8');
    const [{ code }] = codeBlocks({ path: 'docs/stores.md', text });
    await mkdir(from('build'), { recursive: true });
    await writeFile(FILE, code);
    const { databaseStore } = (await import(FILE)) as Page;
    const host = { clock: () => clock.nowMs, maxClients: 100 };
    store = await databaseStore(slowDatabase()).open(host);
  });
  afterAll(() => rm(FILE, { force: true }));

  itIsAStore(() => store, clock);
});
