import { BackendRateLimitedException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { answer, redirect } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';

/** An upstream that says something about its limits, and a backend that listens. */
async function listening(
  headers: Record<string, string>,
  status = 200,
  listen: object | boolean = true,
) {
  const upstream = await upstreamForTest(answer('', status, headers));
  const travel = { aheadMs: 0 };
  const catalog = backendForTest(upstream.url, { listen }, travel);
  return { upstream, catalog, travel };
}

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('a backend with `listen`', () => {
    it.each([429, 503])(
      'pauses all calls after a %i until its Retry-After has passed',
      async (status) => {
        const headers = { 'retry-after': '20' };
        const { upstream, catalog, travel } = await listening(headers, status);
        await rejection(catalog.get('/'));
        upstream.behave(answer());
        for (const path of ['/', '/other']) {
          const error = await rejection(catalog.get(path));
          expect(error).toBeInstanceOf(BackendRateLimitedException);
          const { retryAfterMs } = error as BackendRateLimitedException;
          expect(retryAfterMs).toBeGreaterThan(15_000);
          expect(retryAfterMs).toBeLessThanOrEqual(20_000);
        }
        expect(upstream.arrivals).toHaveLength(1);
        travel.aheadMs = 20_001;
        expect((await catalog.get('/')).status).toBe(200);
      },
    );

    it('accepts a date as Retry-After', async () => {
      const date = new Date(Date.now() + 30_000).toUTCString();
      const { catalog } = await listening({ 'retry-after': date }, 503);
      await rejection(catalog.get('/'));
      const error = await rejection(catalog.get('/'));
      const { retryAfterMs } = error as BackendRateLimitedException;
      expect(retryAfterMs).toBeGreaterThan(20_000);
      expect(retryAfterMs).toBeLessThanOrEqual(30_000);
    });

    it('never pauses for longer than maxPause', async () => {
      const headers = { 'retry-after': '999999999999' };
      const { catalog } = await listening(headers, 503, { maxPause: '5s' });
      await rejection(catalog.get('/'));
      const error = await rejection(catalog.get('/'));
      const { retryAfterMs } = error as BackendRateLimitedException;
      expect(retryAfterMs).toBeLessThanOrEqual(5000);
    });

    it.each([
      { ratelimit: '"default";r=2;t=30' },
      { 'ratelimit-remaining': '2', 'ratelimit-reset': '30' },
      { 'x-ratelimit-remaining': '2', 'x-ratelimit-reset': '30' },
    ])('admits as many calls as %j leaves', async (headers) => {
      const { upstream, catalog, travel } = await listening(
        headers as unknown as Record<string, string>,
      );
      await catalog.get('/');
      upstream.behave(answer());
      const calls = Array.from({ length: 10 }, () => catalog.get('/'));
      const ends = await Promise.allSettled(calls);
      expect(ends.filter(({ status }) => status === 'fulfilled').length).toBe(
        2,
      );
      travel.aheadMs = 30_001;
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('ignores signals that it is not configured to read', async () => {
      const headers = {
        'retry-after': '20',
        ratelimit: '"default";r=0;t=30',
      };
      const listen = { retryAfter: false, quota: false };
      const { catalog, upstream } = await listening(headers, 503, listen);
      for (let i = 0; i < 3; i++) await rejection(catalog.get('/'));
      expect(upstream.arrivals).toHaveLength(3);
    });

    it('is not paused by another server reached through a redirect or an absolute URL', async () => {
      const { catalog, upstream } = await listening({});
      const other = await upstreamForTest(
        answer('', 503, { 'retry-after': '20' }),
      );
      upstream.behave(redirect(`${other.url}/`));
      await rejection(catalog.get('/'));
      await rejection(catalog.get(`${other.url}/`));
      upstream.behave(answer());
      expect((await catalog.get('/')).status).toBe(200);
    });
  });

  it('a backend ignores signals by default', async () => {
    const headers = { 'retry-after': '20' };
    const { catalog, upstream } = await listening(headers, 503, false);
    for (let i = 0; i < 3; i++) await rejection(catalog.get('/'));
    expect(upstream.arrivals).toHaveLength(3);
  });

  it('an adaptive limit finds how many calls the backend can handle at a time', async () => {
    const upstream = await upstreamForTest(answer());
    const catalog = backendForTest(upstream.url, {
      concurrency: {
        adaptive: 'vegas',
        maxConcurrent: 50,
        initialConcurrent: 5,
      },
    });
    expect(catalog.load).toEqual({ waiting: 0, underway: 0, limit: 5 });
    await Promise.all([1, 2, 3].map(() => catalog.get('/')));
    expect(catalog.load.underway).toBe(0);
  });
});
