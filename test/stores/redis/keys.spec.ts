import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bucketLimit } from '../../../lib/core/bucket/bucket-limit.js';
import { encodeFloat64s } from '../../../lib/stores/redis/plan/float64.js';
import { RedisStore } from '../../../lib/stores/redis/store.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { openStoreAt } from './open-store.js';

describe.runIf(hasRedisServer)('keys in Redis', () => {
  let server: RedisServer;
  let store: RedisStore;

  beforeAll(async () => {
    server = await RedisServer.start();
    store = await openStoreAt({ url: server.url, prefix: 'shop' });
  });
  afterAll(async () => {
    await store?.onApplicationShutdown();
    await server?.stop();
  });
  beforeEach(() => server.command('flushall'));

  /** `capacity` tokens, one of which comes back every `tokenMs`. */
  const spec = (id: string, capacity: number, tokenMs: number) => ({
    id,
    limit: bucketLimit({ maxRate: 1, everyMs: tokenMs, capacity }),
    keyed: id.endsWith('client'),
  });
  const keys = async () =>
    ((await server.command('keys', '*')) as string[]).toSorted();

  it('contain the bucket and the client in readable form', async () => {
    const specs = [
      spec('search:endpoint', 5, 1e6),
      spec('search:client', 5, 1e6),
    ];
    await store.plan(specs).decide(['', '203.0.113.9'], [1, 1]);
    expect(await keys()).toEqual([
      'shop:search:client|203.0.113.9',
      'shop:search:endpoint',
    ]);
  });

  it('contain no key that may be secret, but the same hash of it on all instances', async () => {
    const secret = { ...spec('api:client', 5, 1e6), hidesKeys: true };
    const plan = store.plan([secret, spec('each:client', 5, 1e6)]);
    await plan.decide(['sk_live_1234', '203.0.113.9'], [1, 1]);
    const [hidden, shown] = await keys();
    expect(hidden).toMatch(/^shop:api:client\|[\w-]{27}$/);
    expect(shown).toBe('shop:each:client|203.0.113.9');

    const options = { url: server.url, prefix: 'shop' };
    const other = await openStoreAt(options);
    const again = other.plan([secret]);
    const { tokens } = await again.decide(['sk_live_1234'], [1]);
    expect(tokens[0]).toBeCloseTo(3, 1);
    await other.onApplicationShutdown();
    expect(await keys()).toHaveLength(2);

    const keyed = await openStoreAt({ ...options, keySecret: 'pepper' });
    await keyed.plan([secret]).decide(['sk_live_1234'], [1]);
    await keyed.onApplicationShutdown();
    const hashes = await keys();
    expect(hashes).toHaveLength(3);
    expect(hashes.join()).not.toContain('sk_live');
  });

  it('contain it on request', async () => {
    const readable = await openStoreAt({
      url: server.url,
      prefix: 'shop',
      hashKeys: false,
    });
    const secret = { ...spec('api:client', 5, 1e6), hidesKeys: true };
    await readable.plan([secret]).decide(['sk_live_1234'], [1]);
    await readable.onApplicationShutdown();
    expect(await keys()).toEqual(['shop:api:client|sk_live_1234']);
  });

  it('expire when their bucket is full', async () => {
    const plan = store.plan([spec('a', 10, 1_000_000)]);
    await plan.decide([''], [4]);
    const leftMs = Number(await server.command('pttl', 'shop:a'));
    expect(leftMs).toBeLessThanOrEqual(4_000_000);
    expect(leftMs).toBeGreaterThan(3_900_000);

    await store.plan([spec('quick', 1, 20)]).decide([''], [1]);
    await pause(40);
    expect(await keys()).toEqual(['shop:a']);
  });

  it('expire within what Redis can count, however slow the limit', async () => {
    const plan = store.plan([spec('slow', 1, 1e18)]);
    expect(await plan.decide([''], [1])).toMatchObject({ admitted: true });
    expect(await plan.decide([''], [1])).toMatchObject({ admitted: false });
  });

  it('are not written by a refusal or by a request that costs nothing', async () => {
    const plan = store.plan([spec('a', 1, 1e6), spec('b', 1, 1e6)]);
    await plan.decide(['', ''], [1, 0]);
    const before = await server.command('get', 'shop:a');
    expect(await plan.decide(['', ''], [1, 1])).toMatchObject({
      admitted: false,
    });
    expect(await keys()).toEqual(['shop:a']);
    expect(await server.command('get', 'shop:a')).toBe(before);
  });

  it('are deleted when everything was returned', async () => {
    const plan = store.plan([spec('a', 3, 1e6)]);
    await plan.decide([''], [2]);
    await plan.adjust([''], [-2]);
    expect(await keys()).toEqual([]);
  });

  it('expire at most twice as late when a bucket is charged again and again, and rarely change', async () => {
    const plan = store.plan([spec('a', 100, 1_000_000)]);
    await server.command('config', 'resetstat');
    for (let charged = 1; charged <= 40; charged++) {
      await plan.decide([''], [1]);
      const leftMs = Number(await server.command('pttl', 'shop:a'));
      expect(leftMs).toBeGreaterThan((charged - 0.1) * 1_000_000);
      expect(leftMs).toBeLessThanOrEqual(2 * charged * 1_000_000);
    }
    const stats = String(await server.command('info', 'commandstats'));
    const ends = Number(/cmdstat_set:calls=(\d+)/.exec(stats)?.[1]);
    expect(ends).toBeLessThan(10);
  });

  it.each([
    ['a string', ['set', 'shop:a', 'nonsense']],
    ['nothing', ['set', 'shop:a', '']],
    ['a text as long as a level', ['set', 'shop:a', 'a'.repeat(24)]],
    ['no numbers', ['set', 'shop:a', Buffer.alloc(24, 0xff)]],
    ['infinite tokens', ['set', 'shop:a', encodeFloat64s([Infinity, 0, 0])]],
    ['another type', ['rpush', 'shop:a', '0', '1', '2']],
  ])(
    'count as a full bucket when they contain a foreign %s, and do not affect others',
    async (_, command) => {
      const plan = store.plan([spec('b', 3, 1e6), spec('a', 3, 1e6)]);
      await store.plan([spec('b', 3, 1e6)]).decide([''], [1]);
      await server.command(...command);
      expect(await plan.decide(['', ''], [0, 1])).toMatchObject({
        admitted: true,
        tokens: [expect.closeTo(2, 1), 2],
      });
      expect(await plan.decide(['', ''], [0, 3])).toMatchObject({
        admitted: false,
        tokens: [expect.closeTo(2, 1), expect.closeTo(2, 1)],
      });
      expect(Number(await server.command('pttl', 'shop:a'))).toBeGreaterThan(0);
    },
  );

  it('refill from now on when the Redis clock was set back', async () => {
    const inAnHour = Date.now() + 3_600_000;
    const level = encodeFloat64s([0, inAnHour, inAnHour + 150]);
    await server.command('set', 'shop:a', level);
    const plan = store.plan([spec('a', 3, 50)]);
    expect(await plan.decide([''], [1])).toMatchObject({ admitted: false });
    await pause(60);
    expect(await plan.decide([''], [1])).toMatchObject({ admitted: true });
  });

  it('survive a flush of scripts', async () => {
    const plan = store.plan([spec('a', 3, 1e6)]);
    await plan.decide([''], [1]);
    await server.command('script', 'flush');
    const { tokens } = await plan.decide([''], [1]);
    expect(tokens[0]).toBeCloseTo(1, 1);
  });
});
