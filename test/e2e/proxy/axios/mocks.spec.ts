import axios from 'axios';
import MockAdapter from 'axios-mock-adapter';
import axiosRetry from 'axios-retry';
import { BackendRateLimitedException } from 'nestjs-floodgate';
import { afterEach, describe, expect, it } from 'vitest';
import { fail, inTurn, answer } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';

const mocks: MockAdapter[] = [];
afterEach(() => {
  for (const mock of mocks.splice(0)) mock.restore();
});

/** Whoever extends axios asks for an instance of it; a backend is one but for `create`. */
function mocked(client: object): MockAdapter {
  const mock = new MockAdapter(client as never);
  mocks.push(mock);
  return mock;
}

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('axios-mock-adapter', () => {
    it.each(['before', 'after'] as const)(
      'on axios itself, installed %s the backend is created, answers backend calls',
      async (when) => {
        const upstream = await upstreamForTest();
        if (when === 'before') mocked(axios).onGet('/x').reply(200, 'mocked');
        const catalog = backendForTest(upstream.url);
        if (when === 'after') mocked(axios).onGet('/x').reply(200, 'mocked');
        expect((await catalog.get('/x')).data).toBe('mocked');
        expect(upstream.arrivals).toHaveLength(0);
        mocks.splice(0).forEach((mock) => mock.restore());
        expect((await catalog.get('/x')).data).toEqual({ ok: true });
      },
    );

    it('on a backend answers its calls beneath its limits', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, {
        rateLimit: { maxRate: 0.001, capacity: 2 },
        circuitBreaker: { maxErrors: 1 },
      });
      const mock = mocked(catalog);
      mock.onGet('/x').reply(200, 'mocked').onGet('/down').networkError();
      expect((await catalog.get('/x')).data).toBe('mocked');
      expect(await rejection(catalog.get('/down'))).toMatchObject({
        status: 502,
      });
      expect(catalog.breaker?.state).toBe('open');
      expect(upstream.arrivals).toHaveLength(0);
    });

    it('passes unknown requests through for one token', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, {
        rateLimit: { maxRate: 0.001, capacity: 1 },
      });
      mocked(catalog).onAny().passThrough();
      expect((await catalog.get('/x')).data).toEqual({ ok: true });
      expect(await rejection(catalog.get('/x'))).toBeInstanceOf(
        BackendRateLimitedException,
      );
    });
  });

  describe('axios-retry on a backend', () => {
    const patient = async () => {
      const upstream = await upstreamForTest(inTurn(fail(503), answer()));
      const catalog = backendForTest(upstream.url, {
        rateLimit: { maxRate: 0.001, capacity: 2 },
      });
      axiosRetry(catalog as never, {
        retries: 2,
        retryDelay: () => 20,
      });
      return { upstream, call: catalog.get('/'), catalog };
    };

    it('sends its retries through the limits of the backend', async () => {
      const { upstream, call, catalog } = await patient();
      expect((await call).status).toBe(200);
      expect(upstream.arrivals).toHaveLength(2);
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(
        BackendRateLimitedException,
      );
    });
  });

  it('a backend can be called as a function, like any axios instance', async () => {
    const upstream = await upstreamForTest();
    const catalog = backendForTest(upstream.url);
    expect((await catalog({ url: '/a', method: 'post' })).status).toBe(200);
    expect((await catalog('/b')).status).toBe(200);
    expect(upstream.arrivals.map(({ request }) => request.url)).toEqual([
      '/a',
      '/b',
    ]);
    expect(catalog.name).toBe('catalog');
    expect(catalog).toBeInstanceOf(axios.Axios);
  });
});
