import { get } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import {
  BackendBusyException,
  BackendClient,
  BackendRateLimitedException,
  BackendTimeoutException,
  HttpBackend,
  InjectBackend,
  RouterRateLimit,
} from 'nestjs-floodgate';
import type { ThrottleOptions } from 'nestjs-floodgate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gateway, startGateway } from '../../support/gateway.js';
import { httpCall } from '../../support/http-call.js';
import { Upstream } from '../../support/upstream.js';

type BackendOptions = NonNullable<ThrottleOptions['backends']>[string];

// What docs/troubleshooting.md says of backends.

@Controller()
class CallingController {
  constructor(
    @InjectBackend('catalog') private readonly catalog: HttpBackend,
  ) {}

  @Get('calls')
  async calls() {
    return (await this.catalog.get<object>('/')).data;
  }

  @RouterRateLimit({ maxRate: 100, capacity: 100, timeout: '50ms' })
  @Get('hurried')
  async hurried() {
    return (await this.catalog.get<object>('/')).data;
  }
}

let upstream: Upstream;
const gateways: Gateway[] = [];
beforeEach(async () => {
  upstream = await Upstream.start();
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
  await upstream.stop();
});

async function start(options: Omit<BackendOptions, 'hosts'>) {
  // A busy machine makes a call slow, not wrong.
  const catalog = { hosts: [upstream.url], timeout: '30s', ...options };
  const gateway = await startGateway(
    'fastify',
    { backends: { catalog } },
    { controllers: [CallingController] },
  );
  gateways.push(gateway);
  const backend = gateway.app.get(BackendClient).backend('catalog');
  return { url: gateway.url, backend };
}

const status = (code: number) =>
  upstream.behave(({ response }) => response.writeHead(code).end('{}'));
const never = () => upstream.behave(() => {});
const outcomeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: Error) => error,
  );

describe('503 at once', () => {
  it('is the answer to all but one of several parallel calls when capacity is omitted', async () => {
    const { backend } = await start({
      rateLimit: { maxRate: 100, every: '1h' },
    });
    status(200);
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => outcomeOf(backend.get('/'))),
    );
    expect(outcomes).toEqual([
      'answered',
      expect.any(BackendRateLimitedException),
      expect.any(BackendRateLimitedException),
    ]);
  });

  it('is the answer to a call whose turn would come after its deadline', async () => {
    const { backend } = await start({
      timeout: '1s',
      rateLimit: { maxRate: 1, every: '1h', onLimit: 'wait', maxWait: '2h' },
    });
    status(200);
    await backend.get('/');
    const refused = await outcomeOf(backend.get('/'));
    expect(refused).toBeInstanceOf(BackendRateLimitedException);
    expect(backend.load.waiting).toBe(0);
  });

  it('is the answer while the backend has asked for a pause', async () => {
    const { backend } = await start({
      rateLimit: { maxRate: 100, capacity: 100 },
      listen: true,
    });
    upstream.behave(({ response }) =>
      response.writeHead(429, { 'retry-after': '30' }).end(),
    );
    await outcomeOf(backend.get('/'));
    const refused = await outcomeOf(backend.get('/'));
    expect(refused).toBeInstanceOf(BackendRateLimitedException);
    expect(upstream.arrivals).toHaveLength(1);
  });

  it('is the answer while unread streams hold all slots', async () => {
    const { backend } = await start({ concurrency: { maxConcurrent: 1 } });
    upstream.behave(({ response }) => {
      response.writeHead(200).end('x'.repeat(2 ** 22));
    });
    const { data } = await backend.get<{ destroy(): void }>('/', {
      responseType: 'stream',
    });
    expect(backend.load.underway).toBe(1);
    expect(await outcomeOf(backend.get('/'))).toBeInstanceOf(
      BackendBusyException,
    );
    data.destroy();
    await expect.poll(() => backend.load.underway).toBe(0);
  });
});

describe('calls wait although the backend is idle', () => {
  it('because connections are limited, and time out as late answers', async () => {
    const { backend } = await start({
      timeout: '200ms',
      maxConnectionsPerHost: 1,
    });
    never();
    const [first, second] = await Promise.all([
      outcomeOf(backend.get('/')),
      outcomeOf(backend.get('/')),
    ]);
    expect([first, second]).toEqual([
      expect.objectContaining({ late: 'answer' }),
      expect.objectContaining({ late: 'answer' }),
    ]);
    expect(upstream.accepted).toBe(1);
  });

  it('because an interceptor is slow, whose time counts', async () => {
    const { backend } = await start({ timeout: '100ms' });
    backend.interceptors.request.use(() => new Promise(() => {}));
    expect(await outcomeOf(backend.get('/'))).toBeInstanceOf(
      BackendTimeoutException,
    );
    expect(upstream.arrivals).toHaveLength(0);
  });
});

describe('the breaker never opens', () => {
  it('because there is none', async () => {
    const { backend } = await start({});
    expect(backend.breaker).toBeUndefined();
  });

  const three = { circuitBreaker: { maxErrors: 3 } };

  it('because the answers are 4xx, unless isFailure counts them', async () => {
    const { backend } = await start(three);
    status(429);
    for (let i = 0; i < 9; i++) await outcomeOf(backend.get('/'));
    expect(backend.breaker).toMatchObject({ state: 'closed' });
    const { backend: strict } = await start({
      circuitBreaker: {
        maxErrors: 3,
        isFailure: (answer) => (answer?.status ?? 599) >= 429,
      },
    });
    for (let i = 0; i < 3; i++) await outcomeOf(strict.get('/'));
    expect(strict.breaker).toMatchObject({ state: 'open' });
  });

  it('because maxErrors counts failures in a row and some calls succeed', async () => {
    const { backend } = await start(three);
    for (let i = 0; i < 12; i++) {
      status(i % 3 === 2 ? 200 : 500);
      await outcomeOf(backend.get('/'));
    }
    expect(backend.breaker).toMatchObject({ state: 'closed' });
  });

  it('because a rate has fewer calls than minimumCalls', async () => {
    const { backend } = await start({ circuitBreaker: { failureRate: 0.5 } });
    status(500);
    for (let i = 0; i < 9; i++) await outcomeOf(backend.get('/'));
    expect(backend.breaker).toMatchObject({
      state: 'closed',
      rates: { calls: 9, failureRate: 1 },
    });
    await outcomeOf(backend.get('/'));
    expect(backend.breaker).toMatchObject({ state: 'open' });
  });

  it('because callers hang up before the backend is late', async () => {
    const { backend, url } = await start({ ...three, timeout: '30s' });
    never();
    for (let i = 0; i < 4; i++) {
      const caller = get(`${url}/calls`, { agent: false });
      caller.on('error', () => {});
      await expect.poll(() => upstream.arrivals.length).toBe(i + 1);
      caller.destroy();
    }
    await expect.poll(() => backend.breaker!.counts.ignored).toBe(4);
    expect(backend.breaker).toMatchObject({ state: 'closed' });
  });

  it("but does so when the endpoint's own timeout is shorter", async () => {
    const { backend, url } = await start({ ...three, timeout: '30s' });
    never();
    const statusOfNext = async () => (await httpCall(`${url}/hurried`)).status;
    expect(await statusOfNext()).toBe(504);
    await expect.poll(statusOfNext).toBe(503);
    expect(backend.breaker).toMatchObject({ state: 'open' });
  });
});
