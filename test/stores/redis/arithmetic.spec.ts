import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketLimit } from '../../../lib/core/bucket/bucket-limit.js';
import { traffic } from '../../../lib/core/bucket/traffic.fixture.js';
import { Verdict } from '../../../lib/stores/bucket-store.js';
import { MemoryStore } from '../../../lib/stores/memory-store.js';
import { RedisStore } from '../../../lib/stores/redis/store.js';
import vectors from '../../vectors/token-bucket-reference.json' with { type: 'json' };
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { openStoreAt } from './open-store.js';

const NEVER = -1;

describe.runIf(hasRedisServer)('the arithmetic in Lua', () => {
  let server: RedisServer;
  let store: RedisStore;
  let nowMs = 0;
  let runs = 0;

  beforeAll(async () => {
    server = await RedisServer.start();
    store = await openStoreAt({ url: server.url }, () => nowMs);
  });
  afterAll(async () => {
    await store?.onApplicationShutdown();
    await server?.stop();
  });

  it(
    'decides and waits like golang.org/x/time/rate',
    { timeout: 60_000 },
    async () => {
      const differences: unknown[] = [];
      await Promise.all(
        vectors.traces.map(async (trace, index) => {
          // Nanoseconds stand in for milliseconds: only differences of instants count.
          const limit = bucketLimit({
            maxRate: trace.max_rate,
            everyMs: trace.every_ns,
            capacity: trace.capacity,
          });
          const plan = store.plan([{ id: `t-${index}`, limit, keyed: false }]);
          let atNs = 0;
          const verdicts = trace.events.map(([dtNs, cost]) => {
            atNs += dtNs;
            nowMs = atNs;
            return plan.decide([''], [cost]);
          });
          for (const [i, verdict] of (await Promise.all(verdicts)).entries()) {
            const [, , allowed, retryNs] = trace.events[i];
            if (agrees(verdict, allowed === 1, retryNs)) continue;
            differences.push({ index, i, verdict, event: trace.events[i] });
          }
        }),
      );
      expect(differences).toEqual([]);
    },
  );

  it('equals that of the in-memory bucket to the last bit', async () => {
    const asked = fc.asyncProperty(traffic(3), async ({ limit, calls }) => {
      const specs = [
        { id: `all-${++runs}`, limit, keyed: false },
        { id: `each-${runs}`, limit, keyed: true },
      ];
      const memory = new MemoryStore(() => nowMs, 100);
      // Both count from the same instant.
      nowMs = calls[0].nowMs;
      const [expected, got] = [memory, store].map((one) => one.plan(specs));
      for (const call of calls) {
        nowMs = call.nowMs;
        const keys = ['', call.key];
        const costs = [call.cost, call.cost];
        const inMemory = expected.decide(keys, costs) as Verdict;
        const inRedis = await got.decide(keys, costs);
        expect(inRedis.admitted).toBe(inMemory.admitted);
        expect(inRedis.tokens).toEqual(Array.from(inMemory.tokens));
        const [wait, expectedWait] = [inRedis, inMemory].map(
          ({ retryAfterMs }) => retryAfterMs,
        );
        expect(isSameWait(wait, expectedWait)).toBe(true);
      }
    });
    await fc.assert(asked, { numRuns: 60 });
  });
});

/** Redis' clock ticks in microseconds; doubles of long waits are coarser. */
function isSameWait(wait: number, expected: number): boolean {
  if (expected === Infinity) return wait === Infinity;
  return Math.abs(wait - expected) <= 0.0011 + expected * 1e-9;
}

/** Waits may differ by a microsecond or a thousandth, as for the bucket in memory. */
function agrees(
  { admitted, retryAfterMs }: Verdict,
  allowed: boolean,
  retryNs: number,
): boolean {
  if (admitted !== allowed) return false;
  if (retryNs === NEVER) return retryAfterMs === Infinity;
  return Math.abs(retryAfterMs - retryNs) <= Math.max(1_000, retryNs / 1_000);
}
