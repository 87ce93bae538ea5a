import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get } from '@nestjs/common';
import { AuditCounts, RouterRateLimit } from 'nestjs-floodgate';
import type { RequestOutcome } from 'nestjs-floodgate';
import { redisStore } from 'nestjs-floodgate/redis';
import type { RedisStoreOptions } from 'nestjs-floodgate/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway, servers, startGateway } from '../../support/gateway.js';
import { httpCall, itemsOf } from '../../support/http-call.js';
import { RedisCluster } from '../../support/redis/redis-cluster.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';

const ten = { maxRate: 10, capacity: 10, every: '1h' } as const;
const byKey = { strategy: 'header', key: 'x-api-key', every: '1h' } as const;

@Controller()
class PlansController {
  @RouterRateLimit({ ...ten, cost: 5, settle: () => 1 })
  @Get('refund')
  refund() {}

  @RouterRateLimit({
    ...ten,
    settle: ({ cost }: RequestOutcome) => cost + 8,
  })
  @Get('surcharge')
  surcharge() {}

  @RouterRateLimit([
    { name: 'trial', maxRate: 1, capacity: 1, every: '1h', mode: 'audit' },
    { name: 'real', maxRate: 3, capacity: 3, every: '1h' },
  ])
  @Get('tried')
  tried() {}

  @RouterRateLimit({
    ...byKey,
    tiers: [
      {
        when: 'gold',
        maxRate: 100,
        capacity: 100,
        clientMaxRate: 3,
        clientCapacity: 3,
      },
      { otherwise: true, clientMaxRate: 1, clientCapacity: 1 },
    ],
  })
  @Get('tiered')
  tiered() {}

  @RouterRateLimit({
    ...byKey,
    resolve: () => ({ clientMaxRate: 2, clientCapacity: 2 }),
  })
  @Get('resolved')
  resolved() {}
}

/** A machine that is busy must not look like a Redis that is gone. */
const PATIENT = { decisionBudget: '10s' } as const;

/** Two instances; calls go to them in turns. */
async function twoInstances(
  kind: (typeof servers)[number],
  store: RedisStoreOptions,
  gateways: Gateway[],
) {
  const started = await Promise.all(
    [1, 2].map(() =>
      startGateway(
        kind,
        { store: redisStore({ ...PATIENT, ...store }) },
        { controllers: [PlansController] },
      ),
    ),
  );
  gateways.push(...started);
  let calls = 0;
  const call = (path: string, key = 'ann') =>
    httpCall(`${started[calls++ % 2].url}${path}`, {
      headers: { 'x-api-key': key },
    });
  const statuses = async (path: string, count: number, key?: string) => {
    const answers = [];
    for (let i = 0; i < count; i++) answers.push(await call(path, key));
    return answers.map(({ status }) => status);
  };
  return { started, call, statuses };
}

/** Reads the first of the doubles that a bucket is. */
const TOKENS = `
local tokens = struct.unpack('<d', redis.call('GET', KEYS[1]))
return tostring(tokens)
`;

describe.runIf(hasRedisServer).each(servers)(
  'plans shared through Redis on %s',
  (kind) => {
    let server: RedisServer;
    let fleet: Awaited<ReturnType<typeof twoInstances>>;
    const gateways: Gateway[] = [];

    beforeAll(async () => {
      server = await RedisServer.start();
      fleet = await twoInstances(kind, { url: server.url }, gateways);
    });
    afterAll(async () => {
      await Promise.all(gateways.map((gateway) => gateway.close()));
      await server?.stop();
    });

    /** The tokens in the only bucket of a limit, once they are as many as expected. */
    async function tokensOf(id: string, expected: number): Promise<number> {
      let tokens = NaN;
      for (let i = 0; i < 200 && Math.floor(tokens) !== expected; i++) {
        if (i > 0) await pause(25);
        const [key] = (await server.command('keys', `*${id}*`)) as string[];
        tokens = key
          ? Number(await server.command('eval', TOKENS, '1', key))
          : NaN;
      }
      return Math.floor(tokens);
    }

    it('return to all instances what a request did not cost in the end', async () => {
      const answer = await fleet.call('/refund');
      expect(itemsOf(answer, 'ratelimit')['endpoint']).toMatchObject({ r: 5 });
      expect(await tokensOf('PlansController.refund', 9)).toBe(9);
    });

    it('charge all instances for a surcharge', async () => {
      await fleet.call('/surcharge');
      expect(await tokensOf('PlansController.surcharge', 1)).toBe(1);
      expect(await fleet.statuses('/surcharge', 2)).toEqual([200, 503]);
    });

    it('count what audit limits would refuse across instances, and refuse what is enforced', async () => {
      const statuses = await fleet.statuses('/tried', 4);
      expect(statuses).toEqual([200, 200, 200, 503]);
      const refused = () =>
        fleet.started
          .flatMap(({ app }) => app.get(AuditCounts).all)
          .reduce((sum, count) => sum + count.refused, 0);
      // No answer waits for what is on trial.
      for (let i = 0; i < 200 && refused() < 2; i++) await pause(25);
      expect(refused()).toBe(2);
    });

    it('apply to tiers and to limits chosen by a function', async () => {
      const { statuses } = fleet;
      expect(await statuses('/tiered', 2)).toEqual([200, 429]);
      const gold = await statuses('/tiered', 4, 'gold');
      expect(gold).toEqual([200, 200, 200, 429]);
      expect(await statuses('/resolved', 3)).toEqual([200, 200, 429]);
    });
  },
);

describe.runIf(hasRedisServer)('plans shared through a Cluster', () => {
  let cluster: RedisCluster;
  const gateways: Gateway[] = [];
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  }, 60_000);
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await cluster?.stop();
  });

  /** The hash tags of the buckets of a handler, wherever they are. */
  async function tagsOf(handler: string): Promise<(string | undefined)[]> {
    const found = await Promise.all(
      cluster.masters.map((master) => master.command('keys', `*.${handler}:*`)),
    );
    const keys = (found as string[][]).flat();
    return keys.map((key) => /\{(.*?)\}/.exec(key)?.[1]).toSorted();
  }

  it('keep all buckets that a choice may lead to in one slot with those of their route', async () => {
    const { statuses } = await twoInstances(
      'express',
      { cluster: cluster.urls },
      gateways,
    );
    expect(await statuses('/tiered', 2)).toEqual([200, 429]);
    const gold = await statuses('/tiered', 4, 'gold');
    expect(gold).toEqual([200, 200, 200, 429]);
    const tiered = await tagsOf('tiered');
    expect(tiered.length).toBeGreaterThanOrEqual(3);
    expect(new Set(tiered).size).toBe(1);

    expect(await statuses('/resolved', 3)).toEqual([200, 200, 429]);
    const resolved = await tagsOf('resolved');
    expect(new Set(resolved).size).toBe(1);
    expect(resolved).not.toEqual(tiered.slice(0, resolved.length));
  });
});
