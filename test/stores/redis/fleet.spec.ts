import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketLimit } from '../../../lib/core/bucket/bucket-limit.js';
import { RedisStoreOptions } from '../../../lib/stores/redis/redis-store.schema.js';
import { BuiltStore } from '../../support/redis/built-store.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';

const CHILD = fileURLToPath(new URL('fleet-child.mjs', import.meta.url));
const HAMMERED_MS = 10_000;
const HOUR_MS = 3_600_000;
const limit = bucketLimit({ maxRate: 300, everyMs: 1_000, capacity: 100 });

describe.runIf(hasRedisServer)(
  'three processes that hammer one bucket, one with its clock an hour ahead,',
  { timeout: 60_000 },
  () => {
    let server: RedisServer;
    let store: BuiltStore;

    beforeAll(async () => {
      [server, store] = await Promise.all([
        RedisServer.start(),
        BuiltStore.build('fleet'),
      ]);
    });
    afterAll(async () => {
      await server?.stop();
      await store?.remove();
    });

    /** Admitted by all, and for how long they asked at the most. */
    async function hammered(more: Partial<RedisStoreOptions>) {
      await server.command('flushall');
      const options = { url: server.url, decisionBudget: '10s', ...more };
      const children = [0, HOUR_MS, 0].map((shiftMs) =>
        fork(CHILD, [store.file, JSON.stringify(options), String(shiftMs)]),
      );
      await Promise.all(children.map((child) => once(child, 'message')));
      const beganMs = performance.now();
      const counts = await Promise.all(children.map(countOf));
      const tookMs = performance.now() - beganMs;
      return { admitted: counts.reduce((sum, count) => sum + count), tookMs };
    }

    it('together admit what one bucket does, and use it up', async () => {
      const { admitted, tookMs } = await hammered({});
      const allowed = limit.capacity + tookMs * limit.tokensPerMs;
      expect(admitted).toBeLessThanOrEqual(allowed);
      const least = limit.capacity + HAMMERED_MS * limit.tokensPerMs;
      expect(admitted).toBeGreaterThanOrEqual(0.97 * least);
    });

    it('with leases, add no more than what they hold', async () => {
      const share = 0.1;
      const { admitted, tookMs } = await hammered({ lease: { share } });
      const held = 3 * share * limit.capacity;
      const allowed = limit.capacity + tookMs * limit.tokensPerMs + held;
      expect(admitted).toBeLessThanOrEqual(allowed);
      const least = limit.capacity + HAMMERED_MS * limit.tokensPerMs - held;
      expect(admitted).toBeGreaterThanOrEqual(0.97 * least);
    });
  },
);

async function countOf(child: ChildProcess): Promise<number> {
  const ended = once(child, 'exit');
  child.send({ limit, ms: HAMMERED_MS });
  const [{ admitted }] = (await once(child, 'message')) as [
    { admitted: number },
  ];
  await ended;
  return admitted;
}
