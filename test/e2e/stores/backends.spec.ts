import { BackendClient } from 'nestjs-floodgate';
import type { ThrottleOptions } from 'nestjs-floodgate';
import { redisStore } from 'nestjs-floodgate/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway, startGateway } from '../../support/gateway.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { Upstream } from '../../support/upstream.js';

describe.runIf(hasRedisServer)('the bucket of a backend with a store', () => {
  let server: RedisServer;
  let upstream: Upstream;
  const gateways: Gateway[] = [];

  beforeAll(async () => {
    [server, upstream] = await Promise.all([
      RedisServer.start(),
      Upstream.start(),
    ]);
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await upstream?.stop();
    await server?.stop();
  });

  /** How many of ten calls from each of two instances are sent. */
  async function sentOf(name: string, rateLimit: object): Promise<number> {
    const options: ThrottleOptions = {
      store: redisStore({ url: server.url, decisionBudget: '10s' }),
      backends: { [name]: { hosts: [upstream.url], rateLimit } } as never,
    };
    const started = await Promise.all(
      [1, 2].map(() => startGateway('express', options, {})),
    );
    gateways.push(...started);
    const calls = started.flatMap(({ app }) =>
      Array.from({ length: 10 }, () => app.get(BackendClient).get(name, '/')),
    );
    const ended = await Promise.allSettled(calls);
    return ended.filter(({ status }) => status === 'fulfilled').length;
  }

  const limit = { maxRate: 4, capacity: 4, every: '1h' };

  it('is shared when configured', async () => {
    expect(await sentOf('fleet', { ...limit, shared: true })).toBe(4);
  });

  it('is separate for each instance otherwise', async () => {
    expect(await sentOf('own', limit)).toBe(8);
  });
});

describe('a shared backend limit without a store', () => {
  it('is a fault', async () => {
    const options: ThrottleOptions = {
      backends: {
        catalog: {
          hosts: ['http://localhost'],
          rateLimit: { maxRate: 1, shared: true },
        },
      },
    };
    await expect(startGateway('express', options, {})).rejects.toMatchObject({
      faults: [{ path: 'backends.catalog.rateLimit.shared', found: 'true' }],
    });
  });
});
