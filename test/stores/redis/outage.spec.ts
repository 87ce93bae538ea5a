import { setTimeout as pause } from 'node:timers/promises';
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest';
import { RedisCluster } from '../../support/redis/redis-cluster.js';
import { RedisSentinel } from '../../support/redis/redis-sentinel.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { SilentPath } from '../../support/redis/silent-path.js';
import { hammer, Hammering, p99 } from './hammer.js';

const BUDGET_MS = 50;
const libraries = ['redis', 'ioredis'] as const;

/** What holds whatever happens to Redis. */
function expectUnhurt({ latenciesMs, failures, lagMs }: Hammering): void {
  expect(failures).toEqual([]);
  expect(latenciesMs.length).toBeGreaterThan(100);
  expect(p99(latenciesMs)).toBeLessThan(BUDGET_MS + 10 + lagMs);
}

describe.runIf(hasRedisServer).each(libraries)(
  'an outage over %s fails nobody and delays nobody beyond the budget',
  { timeout: 40_000 },
  (library) => {
    let server: RedisServer;
    const options = () => ({ url: server.url, library });
    beforeAll(async () => {
      server = await RedisServer.start();
    });
    afterAll(() => server?.stop());

    it('when Redis is killed, and Redis is used again within 2 s of its return', async () => {
      const seen = await hammer(options(), async (until) => {
        await server.kill();
        await until('down');
        await pause(700);
        await server.startAgain();
        expect(await until('up')).toBeLessThan(2_000);
      });
      expectUnhurt(seen);
    });

    it('when Redis hangs for 5 s', async () => {
      const seen = await hammer(options(), async (until) => {
        server.freeze();
        await until('down');
        await pause(5_000);
        server.thaw();
        expect(await until('up')).toBeLessThan(2_000);
      });
      expectUnhurt(seen);
      // The budget is paid for by those on their way, once, and not by those that follow.
      const slow = seen.latenciesMs.filter((ms) => ms >= BUDGET_MS - 1);
      expect(slow.length).toBeLessThan(seen.latenciesMs.length / 20);
    });

    it('when Redis is full', async () => {
      const seen = await hammer(options(), async (until) => {
        await server.command('config', 'set', 'maxmemory', '1');
        await until('down');
        await pause(500);
        await server.command('config', 'set', 'maxmemory', '0');
        expect(await until('up')).toBeLessThan(2_000);
      });
      expectUnhurt(seen);
    });

    it('when Redis is full, reported in its own words if nothing else is wrong', async () => {
      const patient = { ...options(), decisionBudget: '10s' };
      const { changes } = await hammer(patient, async (until) => {
        await server.command('config', 'set', 'maxmemory', '1');
        await until('down');
        await server.command('config', 'set', 'maxmemory', '0');
        await until('up');
      });
      expect(changes.map(({ reason }) => reason)).toEqual([
        expect.stringMatching(/OOM/),
        undefined,
      ]);
    });

    it('when the connection falls silent and is then replaced', async () => {
      const path = await SilentPath.to(server.port);
      onTestFinished(() => path.close());
      const seen = await hammer({ url: path.url, library }, async (until) => {
        path.fallSilent();
        await until('down');
        expect(await until('up')).toBeLessThan(4_000);
        await expect.poll(() => path.connections).toBe(1);
      });
      expectUnhurt(seen);
    });

    it('when all scripts are flushed again and again', async () => {
      const seen = await hammer(options(), async () => {
        for (let i = 0; i < 10; i++) {
          await server.command('script', 'flush');
          await pause(30);
        }
      });
      expectUnhurt(seen);
      expect(seen.failures).toEqual([]);
    });
  },
);

describe.runIf(hasRedisServer).each(libraries)(
  'a Sentinel failover over %s',
  { timeout: 60_000 },
  (library) => {
    let sentinel: RedisSentinel;
    beforeAll(async () => {
      sentinel = await RedisSentinel.start();
    });
    afterAll(() => sentinel?.stop());

    it('affects nobody, and the new master is used within 2 s', async () => {
      const { name, port } = sentinel;
      const nodes = [{ host: '127.0.0.1', port }];
      const options = { sentinel: { name, nodes }, library };
      const seen = await hammer(options, async (until) => {
        await sentinel.failOver();
        expect(await until('up')).toBeLessThan(2_000);
      });
      expectUnhurt(seen);
    });
  },
);

describe.runIf(hasRedisServer).each(libraries)(
  'a Cluster whose slots move, over %s',
  { timeout: 60_000 },
  (library) => {
    let cluster: RedisCluster;
    beforeAll(async () => {
      cluster = await RedisCluster.start();
    });
    afterAll(() => cluster?.stop());

    it('affects nobody', async () => {
      const options = { cluster: cluster.urls, library };
      const { slot, home } = await cluster.homeOf('{route}');
      const seen = await hammer(options, async () => {
        for (const [from, to] of ring(home)) {
          await cluster.move(slot, from, to);
          await pause(200);
        }
      });
      expectUnhurt(seen);
      expect(seen.failures).toEqual([]);
    });
  },
);

/** Once around the three masters, beginning and ending at home. */
function ring(home: number): [from: number, to: number][] {
  const [next, last] = [(home + 1) % 3, (home + 2) % 3];
  return [
    [home, next],
    [next, last],
    [last, home],
  ];
}
