import {
  BackendTimeoutException,
  BackendUnreachableException,
} from 'nestjs-floodgate';
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

  describe('a retry', () => {
    it('never starts past the deadline: a call ends at once if its next wait would pass it', async () => {
      const later = answer({}, 503, { 'retry-after': '5' });
      const upstream = await upstreamForTest(later);
      const catalog = backendForTest(upstream.url, { retry, timeout: '2s' });
      const call = rejection(catalog.get('/'));
      expect(await undisturbedMs(call)).toBeLessThan(1000);
      expect(await call).toEqual(answeredWith(503));
      expect(upstream.arrivals).toHaveLength(1);
    });

    it('waits as long as the answer asks', async () => {
      const upstream = await upstreamForTest(
        inTurn(answer({}, 503, { 'retry-after': '1' }), answer()),
      );
      const catalog = backendForTest(upstream.url, { retry, timeout: '5s' });
      await catalog.get('/');
      const [first, second] = upstream.arrivals;
      expect(second.atMs - first.atMs).toBeGreaterThanOrEqual(990);
    });

    it('shares the deadline of the call', async () => {
      const upstream = await upstreamForTest(inTurn(fail(503), neverAnswer()));
      const catalog = backendForTest(upstream.url, { retry, timeout: '300ms' });
      const call = rejection(catalog.get('/'));
      expect(await undisturbedMs(call)).toBeLessThan(450);
      expect(await call).toBeInstanceOf(BackendTimeoutException);
    });

    it('pays from the bucket, and the call ends with the answer of the backend when the bucket is empty', async () => {
      const upstream = await upstreamForTest(resetAfter(0));
      const catalog = backendForTest(upstream.url, {
        retry,
        rateLimit: { maxRate: 1, every: '1h', capacity: 2 },
      });
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(
        BackendUnreachableException,
      );
      expect(upstream.arrivals).toHaveLength(2);
    });

    it('passes the breaker', async () => {
      const upstream = await upstreamForTest(fail(503));
      const catalog = backendForTest(upstream.url, {
        retry: { ...retry, limit: 10 },
        circuitBreaker: { maxErrors: 2, timeout: '10s' },
      });
      expect(await rejection(catalog.get('/'))).toEqual(answeredWith(503));
      expect(upstream.arrivals).toHaveLength(2);
    });

    it('is suppressed and counted once the budget of the backend is spent', async () => {
      const upstream = await upstreamForTest(fail(503));
      const catalog = backendForTest(upstream.url, {
        retry: { ...retry, limit: 1 },
        retryBudget: { ratio: 0.1, minPerSecond: 0, burst: 3 },
      });
      const calls = Array.from({ length: 40 }, () => catalog.get('/'));
      await Promise.allSettled(calls);
      const { made, suppressed } = catalog.retryBudget;
      expect(made).toBeLessThanOrEqual(3 + 4);
      expect(made + suppressed).toBe(40);
      expect(upstream.arrivals).toHaveLength(40 + made);
    });

    it('is abandoned when the backend closes', async () => {
      const upstream = await upstreamForTest(fail(503));
      const catalog = backendForTest(upstream.url, {
        retry: { limit: 1, baseDelay: '10s', maxDelay: '10s' },
        timeout: '60s',
      });
      const call = rejection(catalog.get('/'));
      await eventually(() => catalog.retryBudget.made === 1);
      catalog.close();
      expect(await call).toMatchObject({ code: 'ERR_CANCELED' });
    });
  });
});
