import { Readable } from 'node:stream';
import axios from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { BackendRateLimitedException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { answer, fail, inTurn } from '../../../support/backend-behaviours.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import type {
  BackendOptions,
  TimeTravel,
} from '../../../support/backend-under-test.js';
import { againIfHeldUp } from '../../../support/held-up.js';

const later = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Answers 401 without the newer token. */
const guarded: Behaviour = (exchange) => {
  const { authorization } = exchange.request.headers;
  (authorization === 'new' ? answer() : fail(401))(exchange);
};

/** A backend whose interceptor refreshes its token when it gets a 401, and sends the request once more by `again`. */
async function refreshing(
  options: BackendOptions,
  again: 'backend' | 'axios' = 'backend',
  travel?: TimeTravel,
) {
  const upstream = await upstreamForTest(guarded);
  upstream.on('/token', answer({ token: 'new' }));
  const catalog = backendForTest(upstream.url, options, travel);
  catalog.interceptors.response.use(undefined, async (error) => {
    if (error.response?.status !== 401) throw error;
    const { data } = await catalog.get<{ token: string }>('/token');
    const config = error.config as InternalAxiosRequestConfig;
    config.headers.set('authorization', data.token);
    return again === 'backend' ? catalog.request(config) : axios(config);
  });
  return { upstream, catalog };
}

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a token refresh in a response interceptor', () => {
    it.each(['backend', 'axios'] as const)(
      'does not deadlock a backend with one slot when it resends by %s',
      async (again) => {
        const concurrency = { maxConcurrent: 1, onLimit: 'wait' as const };
        const { catalog, upstream } = await refreshing({ concurrency }, again);
        const calls = Array.from({ length: 5 }, () => catalog.get('/'));
        const answers = await Promise.all(calls);
        expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
        expect(upstream.arrivalsAt('/token')).toHaveLength(5);
        expect(catalog.load).toMatchObject({ underway: 0, waiting: 0 });
      },
    );

    it('may be part of the probe of a half-open breaker', async () => {
      const travel = { aheadMs: 0 };
      const options = { circuitBreaker: { maxErrors: 1, timeout: '10s' } };
      const { catalog, upstream } = await refreshing(
        options,
        'backend',
        travel,
      );
      upstream.on('/fail', fail());
      await rejection(catalog.get('/fail'));
      expect(catalog.breaker?.state).toBe('open');
      travel.aheadMs = 10_001;
      expect((await catalog.get('/')).status).toBe(200);
      expect(catalog.breaker?.state).toBe('closed');
    });

    it.each(['backend', 'axios'] as const)(
      'pays for each request that the backend receives when it resends by %s',
      async (again) => {
        const { catalog, upstream } = await refreshing(
          { rateLimit: { maxRate: 0.001, capacity: 2 } },
          again,
        );
        const error = await rejection(catalog.get('/'));
        expect(error).toBeInstanceOf(BackendRateLimitedException);
        expect(upstream.arrivals).toHaveLength(2);
      },
    );
  });

  describe('a request interceptor', () => {
    it('that is slow does not make the backend slow', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, {
        circuitBreaker: {
          slowCallRate: 0.5,
          slowCallDuration: '100ms',
          minimumCalls: 1,
        },
      });
      const slowly = (request: InternalAxiosRequestConfig) =>
        later(150).then(() => request);
      catalog.interceptors.request.use(slowly);
      await catalog.get('/');
      await catalog.get('/');
      expect(catalog.breaker?.state).toBe('closed');
      expect(catalog.breaker?.rates).toMatchObject({ slowCallRate: 0 });
    });

    it('that is slow or throws takes neither slot nor token', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, {
        rateLimit: { maxRate: 0.001, capacity: 1 },
        concurrency: { maxConcurrent: 1 },
      });
      const held = catalog.interceptors.request.use(async () => {
        await later(50);
        throw new RangeError('no token');
      });
      const call = rejection(catalog.get('/'));
      await later(10);
      expect(catalog.load.underway).toBe(0);
      expect(await call).toBeInstanceOf(RangeError);
      catalog.interceptors.request.eject(held);
      expect((await catalog.get('/')).status).toBe(200);
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(
        BackendRateLimitedException,
      );
    });

    it('that never finishes ends at the deadline and is no failure', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, {
        circuitBreaker: { maxErrors: 1 },
      });
      catalog.interceptors.request.use(() => new Promise(() => {}));
      const error = await rejection(catalog.get('/', { timeout: 100 }));
      expect(error).toMatchObject({ status: 504 });
      expect(catalog.breaker).toMatchObject({
        state: 'closed',
        counts: { requests: 0 },
      });
    });

    it('that chooses an adapter does not bypass the limits', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, {
        rateLimit: { maxRate: 0.001, capacity: 1 },
      });
      catalog.interceptors.request.use((request) =>
        Object.assign(request, { adapter: 'http' }),
      );
      await catalog.get('/');
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(
        BackendRateLimitedException,
      );
      expect(upstream.arrivals).toHaveLength(1);
    });
  });

  it("calls sent by the backend's own adapter are limited too", async () => {
    const upstream = await upstreamForTest();
    const catalog = backendForTest(upstream.url, {
      rateLimit: { maxRate: 0.001, capacity: 1 },
    });
    const { adapter } = catalog.defaults;
    const sent = axios.create({ adapter, baseURL: upstream.url });
    await sent.get('/');
    expect(await rejection(sent.get('/'))).toMatchObject({
      code: 'ERR_NOT_ADMITTED',
    });
    expect(upstream.arrivals).toHaveLength(1);
  });

  describe('a body that an interceptor turns into a stream', () => {
    const streaming = async (behaviour: Behaviour, options: BackendOptions) => {
      const upstream = await upstreamForTest(behaviour);
      const catalog = backendForTest(upstream.url, options);
      catalog.interceptors.request.use((request) =>
        Object.assign(request, { data: Readable.from(['once']) }),
      );
      return { upstream, catalog };
    };

    it('is not sent again by a retry', async () => {
      const { upstream, catalog } = await streaming(fail(503), { retry: {} });
      await rejection(catalog.put('/', 'body'));
      expect(upstream.arrivals.map(({ body }) => body)).toEqual(['once']);
    });

    it('is not sent again on a fresh connection', async () => {
      const closed: Behaviour = ({ socket }) => socket.destroy();
      const turns = inTurn(answer(), closed, answer());
      const { upstream, catalog } = await streaming(turns, {
        maxConnectionsPerHost: 1,
      });
      await catalog.put('/', 'body');
      await rejection(catalog.put('/', 'body'));
      expect(upstream.arrivals.map(({ body }) => body)).toEqual([
        'once',
        'once',
      ]);
    });
  });

  describe('a failed call with a streamed body', () => {
    it.each([500, 503])(
      'counts at once when its status is %i',
      async (status) => {
        const endless: Behaviour = ({ response }) => {
          response.writeHead(status);
          response.write('never ends');
        };
        const upstream = await upstreamForTest(endless);
        const catalog = backendForTest(upstream.url, {
          circuitBreaker: { maxErrors: 3 },
        });
        const responseType = 'stream';
        for (let i = 0; i < 3; i++) {
          await rejection(catalog.get('/', { responseType }));
        }
        expect(catalog.breaker?.state).toBe('open');
        expect(catalog.breaker?.counts).toBeDefined();
      },
    );

    it('frees its slot and connection although nobody reads the body', async () => {
      const upstream = await upstreamForTest(fail(500));
      const catalog = backendForTest(upstream.url, {
        concurrency: { maxConcurrent: 2 },
        timeout: '1h',
      });
      for (let i = 0; i < 10; i++) {
        const call = catalog.get('/', { responseType: 'stream' });
        expect(await rejection(call)).toMatchObject({ status: 500 });
        await eventually(() => catalog.load.underway === 0);
      }
      expect(upstream.accepted).toBeLessThanOrEqual(2);
    });

    it('can still be read a while later', async () => {
      const upstream = await upstreamForTest(answer('why it failed', 500));
      const catalog = backendForTest(upstream.url);
      const call = catalog.get('/', { responseType: 'stream' });
      const { response } = (await rejection(call)) as {
        response: { data: Readable };
      };
      await later(100);
      const chunks = await response.data.toArray();
      expect(String(Buffer.concat(chunks as Buffer[]))).toBe('why it failed');
    });

    it('ends at the deadline when the body is too long to buffer', async () => {
      const long = answer('x'.repeat(1_000_000), 500);
      const upstream = await upstreamForTest(long);
      const catalog = backendForTest(upstream.url, {
        concurrency: { maxConcurrent: 1 },
        timeout: '300ms',
      });
      await rejection(catalog.get('/', { responseType: 'stream' }));
      await eventually(() => upstream.sockets.size === 0);
      expect(catalog.load.underway).toBe(0);
    });
  });
});
