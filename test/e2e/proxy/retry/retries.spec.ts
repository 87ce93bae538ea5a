import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ThrottleConfigError } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  answer,
  fail,
  inTurn,
  neverAnswer,
  resetAfter,
} from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { againIfHeldUp, undisturbedMs } from '../../../support/held-up.js';
import { answeredWith, retry } from '../../../support/retries.js';

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a call that fails for a transient reason', () => {
    it.each([
      ['answered 503', fail(503)],
      ['answered 429', fail(429)],
      ['cut off', resetAfter(0)],
      ['cut off within its body', resetAfter(300)],
    ])('is retried when it was %s', async (_, fault) => {
      const upstream = await upstreamForTest(inTurn(fault, answer()));
      const catalog = backendForTest(upstream.url, { retry });
      expect((await catalog.get('/')).data).toEqual({ ok: true });
      expect(upstream.arrivals).toHaveLength(2);
      expect(catalog.retryBudget).toEqual({ made: 1, suppressed: 0 });
    });

    it('ends with the last error when its retries are used up', async () => {
      const upstream = await upstreamForTest(inTurn(resetAfter(0), fail(503)));
      const catalog = backendForTest(upstream.url, { retry });
      expect(await rejection(catalog.get('/'))).toEqual(answeredWith(503));
      expect(upstream.arrivals).toHaveLength(3);
    });

    it('is retried after an attempt that timed out', async () => {
      const upstream = await upstreamForTest(inTurn(neverAnswer(), answer()));
      const catalog = backendForTest(upstream.url, {
        retry: { ...retry, attemptTimeout: '100ms' },
      });
      expect((await catalog.get('/')).status).toBe(200);
      await eventually(() => upstream.sockets.size <= 1);
    });

    it('passes through the interceptors each time', async () => {
      const upstream = await upstreamForTest(inTurn(fail(503), answer()));
      const catalog = backendForTest(upstream.url, { retry });
      let tokens = 0;
      catalog.interceptors.request.use((request) => {
        request.headers.set('authorization', `token ${++tokens}`);
        return request;
      });
      await catalog.get('/');
      const sent = upstream.arrivals.map(({ request }) => request.headers);
      expect(sent.map(({ authorization }) => authorization)).toEqual([
        'token 1',
        'token 2',
      ]);
    });

    it('is judged beneath the interceptors, which may replace its error', async () => {
      const upstream = await upstreamForTest(inTurn(fail(503), answer()));
      const catalog = backendForTest(upstream.url, { retry });
      catalog.interceptors.response.use(undefined, () => {
        throw new RangeError('sold out');
      });
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('leaves no stream of a failed attempt open', async () => {
      const upstream = await upstreamForTest(inTurn(fail(503), answer('fine')));
      const catalog = backendForTest(upstream.url, {
        retry,
        maxConnectionsPerHost: 1,
      });
      const { data } = await catalog.get<Readable>('/', {
        responseType: 'stream',
      });
      expect(await text(data)).toBe('fine');
    });
  });

  describe('a call is sent only once', () => {
    it.each([404, 500, 501])('when answered with %i', async (code) => {
      const upstream = await upstreamForTest(fail(code));
      const catalog = backendForTest(upstream.url, { retry });
      expect(await rejection(catalog.get('/'))).toEqual(answeredWith(code));
      expect(upstream.arrivals).toHaveLength(1);
    });

    it('when its method is not idempotent, unless configured', async () => {
      const upstream = await upstreamForTest(fail(503));
      const catalog = backendForTest(upstream.url, { retry });
      await rejection(catalog.post('/once', { a: 1 }));
      const keyed = catalog.with({ retry: { ...retry, methods: ['POST'] } });
      await rejection(keyed.post('/thrice', { a: 1 }));
      expect(upstream.arrivalsAt('/once')).toHaveLength(1);
      expect(upstream.arrivalsAt('/thrice').map(({ body }) => body)).toEqual(
        Array.from({ length: 3 }, () => '{"a":1}'),
      );
    });

    it('when its body is a stream, which is consumed by sending it', async () => {
      const upstream = await upstreamForTest(fail(503));
      const catalog = backendForTest(upstream.url, { retry });
      await rejection(catalog.put('/', Readable.from(['once'])));
      expect(upstream.arrivals).toHaveLength(1);
    });

    it('when its caller says so', async () => {
      const upstream = await upstreamForTest(fail(503));
      const catalog = backendForTest(upstream.url, { retry });
      await rejection(catalog.with({ retry: false }).get('/'));
      expect(upstream.arrivals).toHaveLength(1);
    });

    it('when its caller cancels, even between two attempts', async () => {
      const upstream = await upstreamForTest(fail(503));
      const catalog = backendForTest(upstream.url, {
        retry: { limit: 5, baseDelay: '10s', maxDelay: '10s' },
        timeout: '60s',
      });
      const leaving = new AbortController();
      const call = rejection(catalog.get('/', { signal: leaving.signal }));
      await eventually(() => upstream.arrivals.length === 1);
      leaving.abort();
      const tookMs = undisturbedMs(call);
      expect(await call).toMatchObject({ code: 'ERR_CANCELED' });
      expect(await tookMs).toBeLessThan(1000);
    });
  });

  it('invalid call options are faults where they are bound', async () => {
    const catalog = backendForTest('http://127.0.0.1:9');
    const wrong = { retry: { limt: 1 } } as object;
    expect(() => catalog.with(wrong)).toThrow(ThrottleConfigError);
    expect(() => catalog.with(wrong)).toThrow(/did you mean "limit"/);
  });
});
