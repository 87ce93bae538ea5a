import type { BucketStore, StoreSource } from 'nestjs-floodgate';
import { beforeAll, describe } from 'vitest';
import {
  HandClock,
  itIsAStore,
} from '../../lib/stores/bucket-store.fixture.js';
import { runBlocks } from '../support/doc-blocks.js';

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

describe('the example store in the docs', () => {
  const clock: HandClock = { nowMs: 0 };
  let store: BucketStore;

  beforeAll(async () => {
    const [page] = await runBlocks('docs/stores.md');
    const { databaseStore } = page as Page;
    const host = { clock: () => clock.nowMs, maxClients: 100 };
    store = await databaseStore(slowDatabase()).open(host);
  });

  itIsAStore(() => store, clock);
});
