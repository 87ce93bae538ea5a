import type { Readable } from 'node:stream';
import { BackendUnreachableException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  after,
  answer,
  fail,
  neverAnswer,
  resetAfter,
} from '../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../support/backend-under-test.js';
import { blackholedUrl } from '../../support/blackholed-backend.js';
import { refusedUrl } from '../../support/faulty-upstream.js';
import { againIfHeldUp } from '../../support/held-up.js';
import type { BackendOptions } from '../../support/backend-under-test.js';
import { Upstream } from '../../support/upstream.js';

async function statuses(count: number, call: () => Promise<unknown>) {
  const ends = [];
  for (let i = 0; i < count; i++) {
    ends.push(
      await call().then(
        () => 'answered',
        () => 'failed',
      ),
    );
  }
  return ends;
}

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('several hosts of one backend', () => {
    it('are used in turn, each with its own base path', async () => {
      const one = await upstreamForTest();
      const two = await upstreamForTest();
      const catalog = backendForTest([`${one.url}/a`, `${two.url}/b`]);
      for (let i = 0; i < 6; i++) await catalog.get('/x');
      expect(one.arrivalsAt('/a/x')).toHaveLength(3);
      expect(two.arrivalsAt('/b/x')).toHaveLength(3);
    });

    it.each([
      ['refuses connections', async () => refusedUrl],
      ['lets nobody connect', blackholedUrl],
    ])(
      'stop using the one that %s after its first failure',
      async (_, dead) => {
        const alive = await upstreamForTest();
        const travel = { aheadMs: 0 };
        const catalog = backendForTest(
          [await dead(), alive.url],
          { timeout: '200ms' },
          travel,
        );
        expect(await statuses(8, () => catalog.get('/'))).toEqual([
          'failed',
          ...Array(7).fill('answered'),
        ]);
        travel.aheadMs = 1000;
        expect(await statuses(2, () => catalog.get('/'))).toContain('failed');
      },
    );

    it('are still tried when none can be reached', async () => {
      const catalog = backendForTest([refusedUrl, refusedUrl]);
      for (let i = 0; i < 4; i++) {
        expect(await rejection(catalog.get('/'))).toBeInstanceOf(
          BackendUnreachableException,
        );
      }
    });

    it('stay in rotation when they connect and fail later, or when the caller cancels', async () => {
      const one = await upstreamForTest(resetAfter(0));
      const two = await upstreamForTest(neverAnswer());
      const catalog = backendForTest([one.url, two.url], { timeout: '50ms' });
      await statuses(4, () => catalog.get('/'));
      expect(one.arrivals).toHaveLength(2);
      expect(two.arrivals).toHaveLength(2);
    });

    it('do not rest because a caller cancels while they connect', async () => {
      const hole = await blackholedUrl();
      const alive = await upstreamForTest();
      const catalog = backendForTest([hole, alive.url], { timeout: '100ms' });
      const own = new AbortController();
      const cancelled = rejection(catalog.get('/', { signal: own.signal }));
      await new Promise((later) => setImmediate(later));
      own.abort();
      await cancelled;
      expect(await statuses(2, () => catalog.get('/'))).toEqual([
        'answered',
        'failed',
      ]);
    });

    it('are used again when they come back', async () => {
      const one = await Upstream.start();
      const { port, url } = one;
      const two = await upstreamForTest();
      const travel = { aheadMs: 0 };
      const catalog = backendForTest([url, two.url], {}, travel);
      await one.stop();
      await statuses(4, () => catalog.get('/'));
      const back = await Upstream.start(undefined, { port });
      travel.aheadMs = 1001;
      await statuses(2, () => catalog.get('/'));
      expect(back.arrivals).toHaveLength(1);
      await back.stop();
    });
  });

  describe('a host that fails while others succeed', () => {
    /** Two hosts of which the first fails; two failures in a row eject it. */
    async function oneOfTwoFails(options: BackendOptions = {}) {
      const bad = await upstreamForTest(fail(500));
      const good = await upstreamForTest();
      const travel = { aheadMs: 0 };
      const catalog = backendForTest(
        [bad.url, good.url],
        { outlierDetection: { consecutiveErrors: 2 }, ...options },
        travel,
      );
      return { bad, good, catalog, travel };
    }

    it('is skipped, and the breaker of the backend stays closed', async () => {
      const { bad, catalog } = await oneOfTwoFails({
        circuitBreaker: { failureRate: 0.3, minimumCalls: 10 },
      });
      const ends = await statuses(40, () => catalog.get('/'));
      expect(ends.filter((end) => end === 'failed')).toHaveLength(2);
      expect(bad.arrivals).toHaveLength(2);
      expect(catalog.breaker?.state).toBe('closed');
      expect(catalog.hosts.map(({ state }) => state)).toEqual([
        'ejected',
        'active',
      ]);
    });

    it('gets one call when its ejection ends and serves again if that succeeds', async () => {
      const { bad, catalog, travel } = await oneOfTwoFails();
      await statuses(10, () => catalog.get('/'));
      bad.behave(after(50, answer()));
      travel.aheadMs = 30_001;
      await Promise.all(Array.from({ length: 100 }, () => catalog.get('/')));
      expect(bad.arrivals).toHaveLength(3);
      expect(catalog.hosts[0].state).toBe('active');
      await statuses(10, () => catalog.get('/'));
      expect(bad.arrivals).toHaveLength(8);
    });

    it('is ejected for twice as long when that fails, and the breaker does not count it', async () => {
      const { bad, catalog, travel } = await oneOfTwoFails({
        circuitBreaker: { maxErrors: 2 },
      });
      await statuses(10, () => catalog.get('/'));
      travel.aheadMs = 30_001;
      await statuses(10, () => catalog.get('/'));
      expect(bad.arrivals).toHaveLength(3);
      travel.aheadMs += 59_000;
      await statuses(10, () => catalog.get('/'));
      expect(bad.arrivals).toHaveLength(3);
      expect(catalog.breaker?.state).toBe('closed');
    });

    it('does not hide failures of the other hosts from the breaker', async () => {
      const { good, catalog } = await oneOfTwoFails({
        circuitBreaker: { maxErrors: 3 },
      });
      await statuses(6, () => catalog.get('/'));
      good.behave(fail(500));
      await statuses(3, () => catalog.get('/'));
      expect(catalog.breaker?.state).toBe('open');
    });

    it('is not charged with a call that went elsewhere by its own URL', async () => {
      const { bad, good, catalog } = await oneOfTwoFails();
      await statuses(6, () => catalog.get(`${bad.url}/x`));
      await statuses(6, () => catalog.get('/x', { baseURL: bad.url }));
      expect(good.arrivals).toHaveLength(0);
      expect(catalog.hosts.map(({ state }) => state)).toEqual([
        'active',
        'active',
      ]);
    });
  });

  describe('least-pending', () => {
    it('sends to the host with fewer calls in flight', async () => {
      const slow = await upstreamForTest(neverAnswer());
      const quick = await upstreamForTest();
      const catalog = backendForTest([slow.url, quick.url], {
        loadBalancing: 'least-pending',
        timeout: '5s',
      });
      const own = new AbortController();
      const stuck = rejection(catalog.get('/', { signal: own.signal }));
      await eventually(() => slow.arrivals.length === 1);
      for (let i = 0; i < 10; i++) await catalog.get('/');
      expect(slow.arrivals).toHaveLength(1);
      expect(catalog.hosts.map(({ pending }) => pending)).toEqual([1, 0]);
      own.abort();
      await stuck;
      expect(catalog.hosts.map(({ pending }) => pending)).toEqual([0, 0]);
    });

    it('counts a call until its streamed body has been read', async () => {
      const { url } = await upstreamForTest();
      const catalog = backendForTest([url, url], {
        loadBalancing: 'least-pending',
      });
      const { data } = await catalog.get<Readable>('/', {
        responseType: 'stream',
      });
      expect(catalog.hosts[0].pending).toBe(1);
      data.resume();
      await eventually(() => catalog.hosts[0].pending === 0);
    });
  });

  describe('a retry with several hosts', () => {
    it('goes to another host, so that one failed host causes no error', async () => {
      const alive = await upstreamForTest();
      const catalog = backendForTest([refusedUrl, alive.url], {
        retry: { limit: 1, baseDelay: '1ms' },
      });
      expect(await statuses(6, () => catalog.get('/'))).toEqual(
        Array(6).fill('answered'),
      );
    });

    it('goes from a host that answers 503 to the next', async () => {
      const busy = await upstreamForTest(fail(503));
      const alive = await upstreamForTest();
      const catalog = backendForTest([busy.url, alive.url], {
        loadBalancing: 'least-pending',
        retry: { limit: 1, baseDelay: '1ms' },
      });
      expect(await statuses(4, () => catalog.get('/'))).toEqual(
        Array(4).fill('answered'),
      );
    });
  });
});
