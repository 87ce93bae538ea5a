import dns from 'node:dns';
import type { LookupAddress } from 'node:dns';
import axios from 'axios';
import { BackendTimeoutException } from 'nestjs-floodgate';
import { describe, expect, it, vi } from 'vitest';
import { fail, neverAnswer } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  durationMs,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { againIfHeldUp } from '../../../support/held-up.js';

/** Timeouts that axios reads as 250 ms. */
const READ_AS_250: [string, unknown][] = [
  ["'250'", '250'],
  ["'250ms'", '250ms'],
  ['[250, 9]', [250, 9]],
  ['250.9', 250.9],
];

/** Timeouts that axios refuses. */
const REFUSED: [string, unknown][] = [
  ['{}', {}],
  ["'soon'", 'soon'],
  ['true', true],
  ['Infinity', Infinity],
  ['-1', -1],
  ['an object without a text', Object.create(null)],
];

/** Where a timeout may stand. */
const places = ['the call', 'the defaults', 'an interceptor'] as const;

async function slowBackend(place: (typeof places)[number], timeout: unknown) {
  const upstream = await upstreamForTest(neverAnswer());
  const catalog = backendForTest(upstream.url, { timeout: '20s' });
  const value = timeout as number;
  if (place === 'the defaults') catalog.defaults.timeout = value;
  if (place === 'an interceptor') {
    catalog.interceptors.request.use((request) =>
      Object.assign(request, { timeout }),
    );
  }
  const config = place === 'the call' ? { timeout: value } : {};
  return { upstream, send: () => catalog.get('/', config) };
}

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe.each(places)('a timeout in %s', (place) => {
    it.each(READ_AS_250)(
      'of %s is interpreted as axios does',
      async (_, value) => {
        const { send } = await slowBackend(place, value);
        const call = send();
        const tookMs = await durationMs(call);
        expect(await rejection(call)).toBeInstanceOf(BackendTimeoutException);
        expect(tookMs).toBeGreaterThan(240);
        expect(tookMs).toBeLessThan(5000);
      },
    );

    it.each(REFUSED)(
      'of %s is rejected with the axios error',
      async (_, value) => {
        const { upstream, send } = await slowBackend(place, value);
        expect(await rejection(send())).toMatchObject({
          code: 'ERR_BAD_OPTION_VALUE',
          message: 'error trying to parse `config.timeout` to int',
        });
        expect(upstream.arrivals).toHaveLength(0);
      },
    );
  });

  it.each([0, NaN, '', null, undefined])(
    'falls back to the timeout of the backend for a timeout of %s',
    async (timeout) => {
      const upstream = await upstreamForTest(neverAnswer());
      const catalog = backendForTest(upstream.url, { timeout: '200ms' });
      const call = catalog.get('/', { timeout: timeout as number });
      expect(await rejection(call)).toBeInstanceOf(BackendTimeoutException);
    },
  );

  it('lets an interceptor extend the timeout of a call', async () => {
    const upstream = await upstreamForTest(neverAnswer());
    const catalog = backendForTest(upstream.url, { timeout: '50ms' });
    catalog.interceptors.request.use((request) =>
      Object.assign(request, { timeout: 400 }),
    );
    expect(await durationMs(catalog.get('/'))).toBeGreaterThan(390);
  });

  describe('a call is cancelled', () => {
    it.each(['the defaults', 'an interceptor', 'the call'] as const)(
      'by the signal of %s',
      async (place) => {
        const upstream = await upstreamForTest(neverAnswer());
        const catalog = backendForTest(upstream.url);
        const own = new AbortController();
        const { signal } = own;
        if (place === 'the defaults') catalog.defaults.signal = signal;
        if (place === 'an interceptor') {
          catalog.interceptors.request.use((request) =>
            Object.assign(request, { signal }),
          );
        }
        const config = place === 'the call' ? { signal } : {};
        const call = rejection(catalog.get('/', config));
        await eventually(() => upstream.arrivals.length === 1);
        own.abort();
        expect(await call).toMatchObject({ code: 'ERR_CANCELED' });
        await eventually(() => upstream.sockets.size === 0);
      },
    );

    it.each(['waits for a token', 'backs off', 'is underway'] as const)(
      'by its cancel token while it %s, with the message of the token',
      async (stage) => {
        const upstream = await upstreamForTest(
          stage === 'backs off' ? fail(503) : neverAnswer(),
        );
        const catalog = backendForTest(upstream.url, {
          rateLimit:
            stage === 'waits for a token'
              ? { maxRate: 0.01, onLimit: 'wait', maxWait: '1h' }
              : undefined,
          retry: { baseDelay: '10s', maxDelay: '10s', limit: 1 },
          timeout: '1h',
        });
        const other = new AbortController();
        const { signal } = other;
        if (stage === 'waits for a token')
          void catalog.get('/', { signal }).catch(() => {});
        const random = vi.spyOn(Math, 'random').mockReturnValue(0.9);
        const { token, cancel } = axios.CancelToken.source();
        const call = rejection(catalog.get('/', { cancelToken: token }));
        await eventually(
          () => catalog.load.waiting === 1 || upstream.arrivals.length === 1,
        );
        await new Promise((later) => setTimeout(later, 50));
        cancel('enough');
        expect(await call).toMatchObject({
          code: 'ERR_CANCELED',
          message: 'enough',
        });
        expect(catalog.load.waiting).toBe(0);
        other.abort();
        random.mockRestore();
      },
    );
  });

  it('holds nothing of finished calls on a long-lived cancel token or signal', async () => {
    const upstream = await upstreamForTest();
    const catalog = backendForTest(upstream.url);
    const { token } = axios.CancelToken.source();
    for (let i = 0; i < 20; i++) await catalog.get('/', { cancelToken: token });
    expect((await catalog.get('/', { cancelToken: token })).status).toBe(200);
  });

  it('follows a changed defaults.baseURL within the backend', async () => {
    const upstream = await upstreamForTest();
    const catalog = backendForTest(upstream.url);
    catalog.defaults.baseURL = `${upstream.url}/v2`;
    await catalog.get('/a');
    expect(upstream.arrivals[0].request.url).toBe('/v2/a');
    catalog.defaults.baseURL = 'http://127.0.0.1:9/v2';
    expect(await rejection(catalog.get('/a'))).toMatchObject({
      code: 'ERR_OTHER_ORIGIN',
    });
  });
});

describe("a per-call lookup over Node's client", () => {
  type Found = (error: Error | null, found: LookupAddress[]) => void;

  it('resolves the host even if a connection is kept, and affects no other call', async () => {
    const upstream = await upstreamForTest();
    const asked: string[] = [];
    const to = (name: string) => (_: string, __: object, done: Found) => {
      asked.push(name);
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const catalog = backendForTest(`http://catalog.test:${upstream.port}`, {
      lookup: to('backend') as never,
    });
    await catalog.get('/');
    await catalog.get('/', { lookup: to('call') as never });
    await catalog.get('/');
    expect(asked).toEqual(['backend', 'call']);
    await eventually(() => upstream.sockets.size === 1);
  });

  it('applies when the backend has none', async () => {
    const lookup = vi.spyOn(dns, 'lookup');
    const upstream = await upstreamForTest();
    const catalog = backendForTest(`http://catalog.test:${upstream.port}`);
    const found = (_: string, __: object, done: Found) =>
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    expect((await catalog.get('/', { lookup: found as never })).status).toBe(
      200,
    );
    lookup.mockRestore();
  });
});
