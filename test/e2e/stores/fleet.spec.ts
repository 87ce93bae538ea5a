import { setTimeout as pause } from 'node:timers/promises';
import { BackendClient, BackendRateLimitedException } from 'nestjs-floodgate';
import type { HttpBackend, ThrottleOptions } from 'nestjs-floodgate';
import { redisStore } from 'nestjs-floodgate/redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, busy, fail } from '../../support/backend-behaviours.js';
import { Gateway, startGateway } from '../../support/gateway.js';
import { RedisCluster } from '../../support/redis/redis-cluster.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { Upstream } from '../../support/upstream.js';

type BackendOptions = Partial<NonNullable<ThrottleOptions['backends']>[string]>;
type StoreOptions = Parameters<typeof redisStore>[0];

/** Longer than notices take, on a machine that is busy. */
const HEARD_MS = 10_000;

/** Waits until something is so; returns that it is. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  const lastMs = performance.now() + HEARD_MS;
  while (!(await isSo())) {
    if (performance.now() > lastMs) return false;
    await pause(20);
  }
  return true;
}

const refusalOf = (backend: HttpBackend) =>
  backend.get('/').then(
    () => undefined,
    (error: unknown) => error,
  );

const isPaused = async (backend: HttpBackend) =>
  (await refusalOf(backend)) instanceof BackendRateLimitedException;

describe.runIf(hasRedisServer)('instances that share a Redis', () => {
  let server: RedisServer;
  let upstream: Upstream;
  const gateways: Gateway[] = [];

  beforeEach(async () => {
    [server, upstream] = await Promise.all([
      RedisServer.start(),
      Upstream.start(),
    ]);
  });
  afterEach(async () => {
    await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
    await upstream?.stop();
    await server?.stop();
  });

  /** The backend `catalog` of so many instances. */
  async function instances(
    count: number,
    options: BackendOptions,
    store: StoreOptions = { url: server.url, decisionBudget: '10s' },
  ): Promise<HttpBackend[]> {
    const started = await Promise.all(
      Array.from({ length: count }, () =>
        startGateway(
          'express',
          {
            store: redisStore(store),
            backends: { catalog: { hosts: [upstream.url], ...options } },
          },
          {},
        ),
      ),
    );
    gateways.push(...started);
    return started.map(({ app }) => app.get(BackendClient).backend('catalog'));
  }

  const shared: BackendOptions = {
    rateLimit: { maxRate: 1e4, capacity: 1e4, shared: true },
    listen: true,
  };

  it.each(['redis', 'ioredis'] as const)(
    'all keep a pause that a backend asked one of them for, over %s',
    async (library) => {
      const url = server.url;
      const store = { url, library, decisionBudget: '10s' } as const;
      const [one, other] = await instances(2, shared, store);
      upstream.behave(busy('30'));
      await refusalOf(one);
      upstream.behave(answer());
      expect(await until(() => isPaused(other))).toBe(true);
      const error = (await refusalOf(other)) as BackendRateLimitedException;
      expect(error).toBeInstanceOf(BackendRateLimitedException);
      expect(error.retryAfterMs).toBeGreaterThan(15_000);
      expect(error.retryAfterMs).toBeLessThanOrEqual(30_000);
      const [late] = await instances(1, shared, store);
      expect(await until(() => isPaused(late))).toBe(true);
    },
  );

  it('keep a pause no longer than their own maxPause', async () => {
    const [one] = await instances(1, shared);
    const [other] = await instances(1, {
      ...shared,
      listen: { maxPause: '5s' },
    });
    upstream.behave(busy('30'));
    await refusalOf(one);
    upstream.behave(answer());
    expect(await until(() => isPaused(other))).toBe(true);
    const error = (await refusalOf(other)) as BackendRateLimitedException;
    expect(error.retryAfterMs).toBeLessThanOrEqual(5_000);
  });

  it('delete an expired pause and send again', async () => {
    const [one, other] = await instances(2, shared);
    upstream.behave(busy('3'));
    await refusalOf(one);
    upstream.behave(answer());
    expect(await until(() => isPaused(other))).toBe(true);
    expect(await until(async () => !(await isPaused(other)))).toBe(true);
    const isForgotten = async () =>
      (await server.command('exists', 'floodgate:%notices')) === 0;
    expect(await until(isForgotten)).toBe(true);
  });

  it('share a pause once Redis is back', async () => {
    const [one, other] = await instances(2, shared);
    await server.kill();
    upstream.behave(busy('30'));
    const refusal = await refusalOf(one);
    expect(refusal).toMatchObject({ response: { status: 503 } });
    upstream.behave(answer());
    expect(await refusalOf(other)).toBeUndefined();
    await server.startAgain();
    expect(await until(() => isPaused(other))).toBe(true);
  });

  it('keep pauses to themselves when the limit is not shared', async () => {
    const [one, other] = await instances(2, { listen: true });
    upstream.behave(busy('30'));
    await refusalOf(one);
    await pause(700);
    upstream.behave(answer());
    expect(await refusalOf(other)).toBeUndefined();
    expect(await server.command('exists', 'floodgate:%notices')).toBe(0);
  });

  const breaker = { maxErrors: 2, timeout: '30s' } as const;
  const fails = async (backend: HttpBackend) => {
    await refusalOf(backend);
    await refusalOf(backend);
    expect(backend.breaker?.state).toBe('open');
  };

  it('probe first when a quorum of breakers is open, and follow the result', async () => {
    const circuitBreaker = { ...breaker, hints: {} };
    const [one, two, three] = await instances(3, { circuitBreaker });
    upstream.behave(fail());
    await fails(one);
    await pause(700);
    expect(three.breaker?.state).toBe('closed');
    await fails(two);
    const isDoubtful = () => three.breaker?.state === 'half-open';
    expect(await until(isDoubtful)).toBe(true);
    upstream.behave(answer());
    expect(await refusalOf(three)).toBeUndefined();
    expect(three.breaker?.state).toBe('closed');
    await pause(700);
    expect(three.breaker?.state).toBe('closed');
  });

  it('do not share breaker states unless configured', async () => {
    const [one, two, three] = await instances(3, { circuitBreaker: breaker });
    upstream.behave(fail());
    await fails(one);
    await fails(two);
    await pause(700);
    expect(three.breaker?.state).toBe('closed');
    expect(await server.command('exists', 'floodgate:%notices')).toBe(0);
  });

  it.each(['redis', 'ioredis'] as const)(
    'share over a Cluster too, with %s',
    { timeout: 60_000 },
    async (library) => {
      const cluster = await RedisCluster.start();
      try {
        const [one, other] = await instances(2, shared, {
          cluster: cluster.urls,
          library,
          decisionBudget: '10s',
        });
        upstream.behave(busy('30'));
        await refusalOf(one);
        upstream.behave(answer());
        expect(await until(() => isPaused(other))).toBe(true);
      } finally {
        await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
        await cluster.stop();
      }
    },
  );
});

describe('breaker hints without a store', () => {
  it('are a fault', async () => {
    const circuitBreaker = { maxErrors: 1, hints: {} };
    const starting = startGateway(
      'express',
      { backends: { catalog: { hosts: ['http://a'], circuitBreaker } } },
      {},
    );
    await expect(starting).rejects.toMatchObject({
      faults: [{ path: 'backends.catalog.circuitBreaker.hints' }],
    });
  });
});
