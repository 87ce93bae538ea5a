import { Injectable } from '@nestjs/common';
import {
  HttpBackend,
  InjectBackend,
  ThrottleConfigError,
  ThrottleOptions,
  ThrottleService,
} from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../../support/gateway.js';
import { Upstream } from '../../support/upstream.js';

type Backend = Omit<NonNullable<ThrottleOptions['backends']>[string], 'hosts'>;

@Injectable()
class CatalogService {
  constructor(@InjectBackend('catalog') readonly catalog: HttpBackend) {}
}

const SOON = { timeout: 10_000 };
const HOUR = { every: '1h' } as const;
const upTo = (capacity: number) => ({ maxRate: 1, capacity, ...HOUR });

async function start(backend: Backend) {
  let status = 200;
  let delayMs = 0;
  const upstream = await Upstream.start(({ response }) => {
    response.statusCode = status;
    setTimeout(() => response.end('ok'), delayMs);
  });
  onTestFinished(() => upstream.stop());
  const options = (changed: Backend): ThrottleOptions => ({
    backends: { catalog: { hosts: [upstream.url], ...changed } },
  });
  const { app, close } = await startGateway('fastify', options(backend), {
    providers: [CatalogService],
  });
  onTestFinished(close);
  const { catalog } = app.get(CatalogService);
  const throttle = app.get(ThrottleService);
  return {
    catalog,
    upstream,
    throttle,
    answerWith: (next: { status?: number; delayMs?: number }) => {
      status = next.status ?? 200;
      delayMs = next.delayMs ?? 0;
    },
    update: (changed: Backend) => throttle.update(options(changed)),
  };
}

const outcomes = async (times: number, call: () => Promise<unknown>) => {
  const all: string[] = [];
  for (let i = 0; i < times; i++) {
    all.push(
      await call().then(
        () => 'ok',
        (error: Error) => error.constructor.name,
      ),
    );
  }
  return all;
};

describe('a backend updated at run time', () => {
  it('keeps the level of its bucket, for injected clients and their entries too', async () => {
    const { catalog, update } = await start({ rateLimit: upTo(4) });
    const nightly = catalog.entry('nightly', upTo(10));
    expect(await outcomes(2, () => catalog.get('/'))).toEqual(['ok', 'ok']);
    await update({ rateLimit: upTo(8) });
    expect(await outcomes(3, () => nightly.get('/'))).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    expect(await outcomes(2, () => catalog.get('/'))).toEqual([
      'ok',
      'BackendRateLimitedException',
    ]);
  });

  it('may lose its limit and get it back with the same level', async () => {
    const { catalog, update } = await start({ rateLimit: upTo(1) });
    const call = () => catalog.get('/');
    await call();
    await update({});
    expect(await outcomes(2, call)).toEqual(['ok', 'ok']);
    await update({ rateLimit: upTo(1) });
    expect(await outcomes(1, call)).toEqual(['BackendRateLimitedException']);
  });

  it('releases calls that wait for a token once there are more', async () => {
    const slow = { ...upTo(1), onLimit: 'wait', maxWait: '2h' } as const;
    const fast = { ...slow, every: '10ms' };
    const { catalog, update } = await start({ rateLimit: slow, timeout: '3h' });
    await catalog.get('/');
    const waiting = catalog.get('/');
    await expect.poll(() => catalog.load.waiting, SOON).toBe(1);
    await update({ rateLimit: fast, timeout: '3h' });
    expect((await waiting).data).toBe('ok');
  });

  it('keeps the state of its breaker and follows the new thresholds', async () => {
    const { catalog, update, answerWith } = await start({
      circuitBreaker: { maxErrors: 10 },
    });
    answerWith({ status: 500 });
    await outcomes(2, () => catalog.get('/'));
    await update({ circuitBreaker: { maxErrors: 3 } });
    expect(catalog.breaker?.counts.consecutiveFailures).toBe(2);
    await outcomes(1, () => catalog.get('/'));
    expect(catalog.breaker?.state).toBe('open');
    await update({ circuitBreaker: { maxErrors: 5 } });
    expect(catalog.breaker?.state).toBe('open');
  });

  it('uses the new deadline, retries and fallback for its next calls', async () => {
    const { catalog, update, answerWith, upstream } = await start({});
    answerWith({ delayMs: 300 });
    const underway = catalog.get('/');
    await expect.poll(() => upstream.arrivals.length, SOON).toBe(1);
    await update({ timeout: '50ms', fallback: { to: 'instead' } });
    expect((await catalog.get('/')).data).toBe('instead');
    expect((await underway).data).toBe('ok');
  });

  it('rejects changes that need a restart', async () => {
    const { throttle, update, upstream } = await start({});
    const faultsOf = async (run: () => Promise<void>) => {
      try {
        await run();
      } catch (error) {
        return (error as ThrottleConfigError).faults.map(({ path }) => path);
      }
      return [];
    };
    const hosts = [upstream.url];
    expect(
      await faultsOf(() =>
        throttle.update({
          backends: {
            catalog: {
              hosts: [...hosts, ...hosts],
              keepAlive: false,
              circuitBreaker: { maxErrors: 1 },
            },
            other: { hosts },
          },
        }),
      ),
    ).toEqual([
      'backends.catalog.hosts',
      'backends.catalog.keepAlive',
      'backends.catalog.circuitBreaker',
      'backends.other',
    ]);
    expect(await faultsOf(() => update({}))).toEqual([]);
    expect(await faultsOf(() => throttle.update({}))).toEqual([]);
  });
});

describe('clients created at the same place before and after an update', () => {
  const fallback = { to: 'instead' };

  it.each(['with', 'entry'] as const)(
    'follow the update when created by %s',
    async (made) => {
      const { catalog, update, answerWith } = await start({});
      const client =
        made === 'with'
          ? catalog.with({ priority: 1 })
          : catalog.entry('nightly', upTo(100));
      await client.get('/');
      await update({ fallback, timeout: '100ms' });
      answerWith({ delayMs: 1000 });
      expect((await client.get('/')).data).toBe('instead');
      await update({});
      answerWith({});
      expect((await client.get('/')).data).toBe('ok');
    },
  );

  it('keep their own options', async () => {
    const { catalog, update, answerWith } = await start({ fallback });
    const bare = catalog.with({ fallback: false });
    await update({ fallback, timeout: '100ms' });
    answerWith({ delayMs: 1000 });
    expect(await outcomes(1, () => bare.get('/'))).toEqual([
      'BackendTimeoutException',
    ]);
  });
});
