import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  after,
  answer,
  fail,
  inTurn,
  neverAnswer,
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

const hedge = { after: '50ms' };

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a slow safe read', () => {
    it('is sent a second time; the first answer wins and the other request is aborted', async () => {
      const upstream = await upstreamForTest(
        inTurn(neverAnswer(), answer({ hedged: true })),
      );
      const catalog = backendForTest(upstream.url, {
        hedge,
        circuitBreaker: { maxErrors: 1 },
      });
      expect((await catalog.get('/')).data).toEqual({ hedged: true });
      expect(upstream.arrivals).toHaveLength(2);
      expect(catalog.retryBudget.made).toBe(1);
      expect(catalog.breaker).toMatchObject({
        state: 'closed',
        counts: { successes: 1, failures: 0 },
      });
      await eventually(() => upstream.arrivals[0].request.socket.destroyed);
    });

    it('returns the answer to the first request if that comes first', async () => {
      const upstream = await upstreamForTest(
        inTurn(after(150, answer({ first: true })), neverAnswer()),
      );
      const catalog = backendForTest(upstream.url, { hedge });
      expect((await catalog.get('/')).data).toEqual({ first: true });
    });

    it('may be hedged several times', async () => {
      const upstream = await upstreamForTest(
        inTurn(neverAnswer(), neverAnswer(), answer()),
      );
      const catalog = backendForTest(upstream.url, {
        hedge: { ...hedge, max: 2 },
      });
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('is sent to another host, whosever turn it is', async () => {
      const stuck = await upstreamForTest(neverAnswer());
      const well = await upstreamForTest(answer({ from: 'well' }));
      const catalog = backendForTest([stuck.url, well.url], { hedge });
      const slow = catalog.get('/slow');
      // The turn is then at the first host again.
      await catalog.post('/');
      expect((await slow).data).toEqual({ from: 'well' });
      expect(stuck.arrivals).toHaveLength(1);
      expect(well.arrivals).toHaveLength(2);
    });

    it('waits for the other request when one fails, and ends with the first error', async () => {
      const upstream = await upstreamForTest(
        inTurn(after(150, answer({ first: true })), fail(500)),
      );
      const catalog = backendForTest(upstream.url, { hedge });
      expect((await catalog.get('/')).data).toEqual({ first: true });
      upstream.behave(inTurn(after(150, fail(501)), fail(500)));
      expect(await rejection(catalog.get('/'))).toMatchObject({
        response: { status: 501 },
      });
    });

    it('is retried when all its requests fail and retries are configured', async () => {
      const upstream = await upstreamForTest(inTurn(fail(503), answer()));
      const catalog = backendForTest(upstream.url, {
        hedge,
        retry: { baseDelay: '1ms' },
      });
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('returns a stream that its caller can still cancel', async () => {
      const upstream = await upstreamForTest(
        inTurn(neverAnswer(), ({ response }) => {
          response.writeHead(200);
          response.write('part');
        }),
      );
      const catalog = backendForTest(upstream.url, { hedge });
      const leaving = new AbortController();
      const { data } = await catalog.get<Readable>('/', {
        responseType: 'stream',
        signal: leaving.signal,
      });
      const reading = rejection(data.toArray());
      leaving.abort();
      expect(await reading).toMatchObject({ code: 'ERR_CANCELED' });
    });
  });

  describe('hedging sends no second request', () => {
    it('for an answer that comes in time', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, { hedge: { after: '5s' } });
      await catalog.get('/');
      expect(upstream.arrivals).toHaveLength(1);
    });

    it('for methods that change something', async () => {
      const upstream = await upstreamForTest(after(150, answer()));
      const catalog = backendForTest(upstream.url, { hedge });
      await Promise.all([catalog.put('/', {}), catalog.delete('/')]);
      expect(upstream.arrivals).toHaveLength(2);
    });

    it('for a read that waited for admission rather than for the backend', async () => {
      const upstream = await upstreamForTest(answer());
      upstream.on('/long', after(400, answer()));
      const catalog = backendForTest(upstream.url, {
        hedge: { after: '150ms' },
        concurrency: { maxConcurrent: 1, onLimit: 'wait' },
      });
      await Promise.all([catalog.post('/long'), catalog.get('/')]);
      expect(upstream.arrivals).toHaveLength(2);
      expect(catalog.retryBudget.made).toBe(0);
    });

    it('when the bucket has no token for it', async () => {
      const upstream = await upstreamForTest(after(150, answer()));
      const catalog = backendForTest(upstream.url, {
        hedge,
        rateLimit: { maxRate: 1, every: '1h', capacity: 1 },
      });
      expect((await catalog.get('/')).status).toBe(200);
      expect(upstream.arrivals).toHaveLength(1);
    });

    it('when the budget is spent, and counts that', async () => {
      const upstream = await upstreamForTest(after(150, answer()));
      const catalog = backendForTest(upstream.url, {
        hedge,
        retryBudget: { ratio: 0, minPerSecond: 0, burst: 1 },
      });
      await Promise.all([catalog.get('/'), catalog.get('/')]);
      expect(upstream.arrivals).toHaveLength(3);
      expect(catalog.retryBudget).toEqual({ made: 1, suppressed: 1 });
    });
  });

  it('hedging follows the latency of recent answers once enough are known', async () => {
    const upstream = await upstreamForTest();
    const catalog = backendForTest(upstream.url, {
      hedge: { after: 'p95' },
      timeout: '5s',
    });
    for (let i = 0; i < 20; i++) await catalog.get('/');
    expect(upstream.arrivals.length).toBeLessThan(30);
    upstream.behave(inTurn(neverAnswer(), answer()));
    expect(await undisturbedMs(catalog.get('/slow'))).toBeLessThan(2000);
    expect(upstream.arrivalsAt('/slow')).toHaveLength(2);
  });
});
