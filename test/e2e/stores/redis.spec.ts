import { Controller, createParamDecorator, Get } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import {
  RouterRateLimit,
  ThrottleModule,
  ThrottleService,
} from 'nestjs-floodgate';
import type { ThrottleOptions } from 'nestjs-floodgate';
import { redisStore } from 'nestjs-floodgate/redis';
import type { RedisStoreOptions } from 'nestjs-floodgate/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway, servers, startGateway } from '../../support/gateway.js';
import { documentOf, httpCall, itemsOf } from '../../support/http-call.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';

const inContext = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context,
);

@Controller()
class ShopController {
  constructor(private readonly throttle: ThrottleService) {}

  @RouterRateLimit({
    clientMaxRate: 9,
    clientCapacity: 9,
    every: '9999h',
    strategy: 'header',
    key: 'x-api-key',
  })
  @Get('asked')
  asked(@inContext() context: ExecutionContext) {
    return this.throttle.explain(context);
  }

  @RouterRateLimit('4/1h')
  @Get('all')
  all() {
    return 'ok';
  }

  @RouterRateLimit({
    maxRate: 100,
    capacity: 100,
    clientMaxRate: 2,
    clientCapacity: 2,
    every: '1h',
    strategy: 'header',
    key: 'x-api-key',
  })
  @Get('each')
  each() {
    return 'ok';
  }
}

/** A machine that is busy must not look like a Redis that is gone. */
const PATIENT = { decisionBudget: '10s' } as const;

describe.runIf(hasRedisServer).each(servers)(
  'instances that share a Redis on %s',
  (kind) => {
    let server: RedisServer;
    const gateways: Gateway[] = [];

    const start = async (options: Partial<RedisStoreOptions>) => {
      const store = redisStore({ url: server.url, ...PATIENT, ...options });
      const gateway = await startGateway(
        kind,
        { store },
        { controllers: [ShopController] },
      );
      gateways.push(gateway);
      return (path: string, key?: string) =>
        httpCall(`${gateway.url}${path}`, {
          headers: key ? { 'x-api-key': key } : {},
        });
    };

    beforeAll(async () => {
      server = await RedisServer.start();
    });
    afterAll(async () => {
      await Promise.all(gateways.map((gateway) => gateway.close()));
      await server?.stop();
    });

    it('together admit what one would', async () => {
      const calls = await Promise.all([start({}), start({}), start({})]);
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, i) => calls[i % 3]('/all')),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(4);
      expect(statuses.filter((status) => status === 503)).toHaveLength(8);
    });

    it('report what is left across instances, and refuse like one', async () => {
      const [one, other] = await Promise.all([start({}), start({})]);
      await one('/each', 'ann');
      const admitted = await other('/each', 'ann');
      expect(itemsOf(admitted, 'ratelimit')['client']).toMatchObject({ r: 0 });
      const refused = await one('/each', 'ann');
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1_700);
      expect(documentOf(refused)).toMatchObject({
        'violated-policies': ['client'],
      });
      expect((await one('/each', 'ben')).status).toBe(200);
    });

    it('store no header value in Redis and still know the level of its bucket', async () => {
      const call = await start({ prefix: 'hidden' });
      const answer = await call('/asked', 'sk_live_1234');
      const names = (await server.command('keys', 'hidden:*')) as string[];
      expect(names.length).toBeGreaterThanOrEqual(1);
      expect(names.join()).not.toContain('sk_live');
      expect(documentOf(answer)['buckets']).toContainEqual(
        expect.objectContaining({
          key: 'sk_live_1234',
          tokens: expect.closeTo(8, 1),
        }),
      );
    });

    it('do not touch other prefixes', async () => {
      const call = await start({ prefix: 'other' });
      expect((await call('/all')).status).toBe(200);
    });

    it.each([
      ['open', [200, 200, 200, 200, 200, 200]],
      ['closed', [503, 503, 503, 503, 503, 503]],
      ['local', [200, 200, 503, 503, 503, 503]],
    ] as const)(
      'start without Redis and decide by the policy "%s"',
      async (onStoreFailure, statuses) => {
        const url = 'redis://127.0.0.1:1';
        const call = await start({ url, onStoreFailure, instances: 2 });
        const answers = [];
        for (let i = 0; i < statuses.length; i++) {
          answers.push(await call('/all'));
        }
        expect(answers.map(({ status }) => status)).toEqual(statuses);
        const fields = Object.keys(answers[0].headers);
        expect(fields.includes('ratelimit')).toBe(onStoreFailure === 'local');
        if (onStoreFailure !== 'closed') return;
        expect(answers[0].headers['retry-after']).toBe('1');
        expect(documentOf(answers[0])['detail']).toMatch(/cannot be checked/);
      },
    );
  },
);

describe('store options', () => {
  it('are validated at boot with all others', async () => {
    const store = redisStore({
      url: 'http://localhost',
      decisionBudget: '0s',
      prefx: 'x',
    } as RedisStoreOptions);
    const options = { store, maxClients: 0 } satisfies ThrottleOptions;
    const starting = startGateway(
      'express',
      ThrottleModule.forRoot(options),
      {},
    );
    await expect(starting).rejects.toMatchObject({
      faults: [
        { path: 'store.url', allowed: expect.stringContaining('redis://') },
        { path: 'store.decisionBudget' },
        {
          path: 'store.prefx',
          allowed: 'no such key; did you mean "prefix"?',
        },
        { path: 'maxClients' },
      ],
    });
  });

  it('require exactly one way to reach Redis', async () => {
    const options = { store: redisStore({}) };
    await expect(startGateway('express', options, {})).rejects.toMatchObject({
      faults: [
        {
          path: 'store',
          allowed: 'one of client, url, sentinel, cluster',
        },
      ],
    });
  });

  it('must be those of a store', async () => {
    const store = new Map() as unknown as ThrottleOptions['store'];
    await expect(startGateway('express', { store }, {})).rejects.toMatchObject({
      faults: [
        { path: 'store', allowed: expect.stringContaining('redisStore') },
      ],
    });
  });
});
