import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { spec } from '../../../lib/stores/bucket-store.fixture.js';
import { Verdict } from '../../../lib/stores/bucket-store.js';
import { MemoryStore } from '../../../lib/stores/memory-store.js';
import { RedisStore } from '../../../lib/stores/redis/store.js';
import { StoreUnavailableException } from '../../../lib/stores/redis/outage/fallback.js';
import { RedisCluster } from '../../support/redis/redis-cluster.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { openStoreAt } from './open-store.js';

const NOW_MS = 1_789_000_000_000.25;

/** What a verdict says, whichever store gave it. */
const read = ({ admitted, tokens }: Verdict) => ({
  admitted,
  tokens: Array.from(tokens),
});

describe.runIf(hasRedisServer)('plans requested in one turn', () => {
  let server: RedisServer;
  let store: RedisStore;

  beforeAll(async () => {
    server = await RedisServer.start();
    store = await openStoreAt({ url: server.url }, () => NOW_MS);
    // The first trip of all takes the script along.
    await store.plan([spec('first', 1)]).decide([''], [1]);
  });
  afterAll(async () => {
    await store?.onApplicationShutdown();
    await server?.stop();
  });
  beforeEach(async () => {
    await server.command('flushall');
    await server.command('config', 'resetstat');
  });

  const trips = async () => {
    const stats = String(await server.command('info', 'commandstats'));
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };

  it('make one round trip, which reads and writes each bucket once', async () => {
    const plan = store.plan([spec('all', 99), spec('each', 9, true)]);
    const verdicts = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        plan.decide(['', `client-${i % 20}`], [1, 1]),
      ),
    );
    expect(verdicts.every(({ admitted }) => admitted)).toBe(true);
    expect(await trips()).toBe(1);
    const stats = String(await server.command('info', 'commandstats'));
    expect(stats).toMatch(/cmdstat_mget:calls=1,/);
    expect(stats).toMatch(/cmdstat_set:calls=21,/);
  });

  it('are decided in order of arrival, and a refusal does not affect the others', async () => {
    const narrow = store.plan([spec('all', 9), spec('one', 1)]);
    const wide = store.plan([spec('all', 9)]);
    const verdicts = await Promise.all([
      narrow.decide(['', ''], [2, 1]),
      narrow.decide(['', ''], [2, 1]),
      wide.decide([''], [3]),
      wide.decide([''], [5]),
      wide.decide([''], [4]),
    ]);
    expect(verdicts.map(read)).toEqual([
      { admitted: true, tokens: [7, 0] },
      { admitted: false, tokens: [7, 0] },
      { admitted: true, tokens: [4] },
      { admitted: false, tokens: [4] },
      { admitted: true, tokens: [0] },
    ]);
  });

  it('are decided in order, each by its own limit, when they differ on one', async () => {
    const wide = store.plan([spec('other', 9), spec('all', 9)]);
    const narrow = store.plan([spec('all', 4)]);
    const verdicts = await Promise.all([
      wide.decide(['', ''], [1, 3]),
      narrow.decide([''], [3]),
      narrow.decide([''], [3]),
      wide.decide(['', ''], [1, 1]),
    ]);
    expect(verdicts.map(read)).toEqual([
      { admitted: true, tokens: [8, 6] },
      { admitted: true, tokens: [1] },
      { admitted: false, tokens: [1] },
      { admitted: true, tokens: [7, 0] },
    ]);
  });

  it('make several round trips when there are too many, still in order', async () => {
    const plan = store.plan([spec('all', 500)]);
    const verdicts = await Promise.all(
      Array.from({ length: 400 }, () => plan.decide([''], [1])),
    );
    expect(verdicts.map(({ tokens }) => tokens[0])).toEqual(
      Array.from({ length: 400 }, (_, i) => 499 - i),
    );
    expect(await trips()).toBe(7);
  });

  it('give the same result as one after the other, including adjustments', async () => {
    const amounts = fc.integer({ min: -4, max: 4 });
    const step = fc.record({
      isDecision: fc.boolean(),
      key: fc.constantFrom('ann', 'ben', 'cleo'),
      amounts: fc.tuple(amounts, amounts),
    });
    let runs = 0;
    const asked = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 150 }),
      async (steps) => {
        runs++;
        const specs = [spec(`all-${runs}`, 9), spec(`each-${runs}`, 3, true)];
        const memory = new MemoryStore(() => NOW_MS, 100).plan(specs);
        const redis = store.plan(specs);
        const expected: unknown[] = [];
        const got: unknown[] = [];
        for (const { isDecision, key, amounts } of steps) {
          const keys = ['', key];
          if (isDecision) {
            expected.push(read(memory.decide(keys, amounts) as Verdict));
            got.push(redis.decide(keys, amounts));
          } else {
            void memory.adjust(keys, amounts);
            void redis.adjust(keys, amounts);
          }
        }
        const verdicts = (await Promise.all(got)) as Verdict[];
        expect(verdicts.map(read)).toEqual(expected);
      },
    );
    await fc.assert(asked, { numRuns: 60 });
  });

  it('are all decided without Redis, and count for nothing, when Redis rejects their batch', async () => {
    const plan = store.plan([spec('all', 9), spec('each', 9, true)]);
    const ask = (key: string) => plan.decide(['', key], [1, 1]);
    await server.command('config', 'set', 'maxmemory', '1');
    const refused = await Promise.allSettled(['ann', 'ben', 'cleo'].map(ask));
    await server.command('config', 'set', 'maxmemory', '0');
    for (const one of refused) {
      expect(one).toMatchObject({
        status: 'rejected',
        reason: expect.any(StoreUnavailableException),
      });
    }
    expect(await server.command('keys', '*')).toEqual([]);
  });
});

describe.runIf(hasRedisServer).each(['redis', 'ioredis'] as const)(
  'plans for many slots requested in one turn over %s',
  (library) => {
    let cluster: RedisCluster;
    let store: RedisStore;

    beforeAll(async () => {
      cluster = await RedisCluster.start();
      store = await openStoreAt({ cluster: cluster.urls, library });
    });
    afterAll(async () => {
      await store?.onApplicationShutdown();
      await cluster?.stop();
    });

    it('are decided where each of them lives', async () => {
      const plan = store.plan([spec('all', 999), spec('each', 2, true)]);
      const clients = Array.from({ length: 150 }, (_, i) => `client-${i % 50}`);
      const verdicts = await Promise.all(
        clients.map((client) => plan.decide(['', client], [1, 1])),
      );
      expect(verdicts.map(({ admitted }) => admitted)).toEqual(
        clients.map((_, i) => i < 100),
      );
      const { tokens } = await plan.decide(['', 'other'], [0, 0]);
      expect(tokens[0]).toBeCloseTo(899, 0);
    });
  },
);
