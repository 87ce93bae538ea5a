import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { text } from 'node:stream/consumers';
import { isCancel } from 'axios';
import {
  BackendRateLimitedException,
  BackendTimeoutException,
  CircuitOpenException,
} from 'nestjs-floodgate';
import type { BreakerTransition, HttpBackend } from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  after,
  answer,
  fail,
  inTurn,
  neverAnswer,
  resetAfter,
  trickle,
} from '../support/backend-behaviours.js';
import type { Behaviour } from '../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../support/backend-under-test.js';
import { againIfHeldUp } from '../support/held-up.js';
import type { BackendOptions } from '../support/backend-under-test.js';

/** A backend whose breaker opens on the third failure, and a clock to put forward. */
async function broken(
  behaviour: Behaviour,
  breaker: object = {},
  options: BackendOptions = {},
) {
  const upstream = await upstreamForTest(behaviour);
  const travel = { aheadMs: 0 };
  const circuitBreaker = { maxErrors: 3, timeout: '10s', ...breaker };
  const catalog = backendForTest(
    upstream.url,
    { timeout: '150ms', circuitBreaker, ...options },
    travel,
  );
  return { upstream, catalog, travel };
}

async function failTimes(catalog: HttpBackend, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await rejection(catalog.get('/'));
}

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a closed breaker', () => {
    const failures: [string, Behaviour][] = [
      ['5xx', fail(503)],
      ['resets', resetAfter(0)],
      ['answers that break off', resetAfter(10)],
      ['timeouts', neverAnswer()],
    ];
    it.each(failures)(
      'opens on the third of %s in a row',
      async (_, failing) => {
        const { upstream, catalog } = await broken(failing);
        await failTimes(catalog, 2);
        expect(catalog.breaker?.state).toBe('closed');
        await failTimes(catalog, 1);
        expect(catalog.breaker?.state).toBe('open');
        await failTimes(catalog, 20);
        expect(upstream.arrivals).toHaveLength(3);
      },
    );

    it('begins to count anew after a success, which a 404 is too', async () => {
      const { catalog } = await broken(
        inTurn(fail(), fail(), fail(404), fail(), fail(), answer(), fail()),
      );
      await failTimes(catalog, 5);
      await catalog.get('/');
      await failTimes(catalog, 2);
      expect(catalog.breaker?.state).toBe('closed');
      await failTimes(catalog, 1);
      expect(catalog.breaker?.state).toBe('open');
    });

    it('forgets failures that are older than its interval', async () => {
      const { catalog, travel } = await broken(fail(), { interval: '60s' });
      await failTimes(catalog, 2);
      travel.aheadMs = 61_000;
      await failTimes(catalog, 2);
      expect(catalog.breaker?.state).toBe('closed');
    });

    it('counts neither what a caller cancelled nor what a bucket refused', async () => {
      const { upstream, catalog } = await broken(
        neverAnswer(),
        { maxErrors: 1 },
        { rateLimit: '2/1h' },
      );
      for (let i = 1; i <= 2; i++) {
        const own = new AbortController();
        const call = rejection(catalog.get('/', { signal: own.signal }));
        await eventually(() => upstream.arrivals.length === i);
        own.abort();
        expect(isCancel(await call)).toBe(true);
      }
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(
        BackendRateLimitedException,
      );
      expect(catalog.breaker).toMatchObject({
        state: 'closed',
        counts: { requests: 3, failures: 0, successes: 0, ignored: 3 },
      });
    });

    it('goes by isFailure where it is given', async () => {
      const isFailure = (found?: { status: number }) => found?.status === 429;
      const { catalog } = await broken(fail(500), { isFailure });
      await failTimes(catalog, 5);
      expect(catalog.breaker?.state).toBe('closed');
      const limited = await broken(fail(429), { isFailure });
      await failTimes(limited.catalog, 3);
      expect(limited.catalog.breaker?.state).toBe('open');
    });

    it('keeps its permits although isFailure throws', async () => {
      const isFailure = () => {
        throw new RangeError('a bug of the application');
      };
      const { catalog } = await broken(answer(), { isFailure });
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(RangeError);
      expect(catalog.breaker?.counts).toMatchObject({
        requests: 1,
        ignored: 1,
      });
    });

    it('sees failures that an interceptor makes a fallback of', async () => {
      const { catalog } = await broken(fail());
      catalog.interceptors.response.use(undefined, () => ({
        data: 'fallback',
      }));
      for (let i = 0; i < 3; i++) await catalog.get('/');
      expect(catalog.breaker?.state).toBe('open');
    });

    it('does not count a call whose interceptor kept it from being sent', async () => {
      const { catalog } = await broken(answer());
      catalog.interceptors.request.use(() => {
        throw new RangeError('no token');
      });
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(RangeError);
      expect(catalog.breaker?.counts).toMatchObject({
        requests: 1,
        ignored: 1,
      });
    });
  });

  describe('an open breaker', () => {
    it('refuses with the time until its probe, while nothing reaches the upstream', async () => {
      const { upstream, catalog, travel } = await broken(fail());
      await failTimes(catalog, 3);
      travel.aheadMs = 4000;
      const error = (await rejection(catalog.get('/'))) as CircuitOpenException;
      expect(error).toBeInstanceOf(CircuitOpenException);
      expect(error.getStatus()).toBe(503);
      expect(error.retryAfterMs).toBeGreaterThan(5000);
      expect(error.retryAfterMs).toBeLessThanOrEqual(6000);
      travel.aheadMs += error.retryAfterMs! - 500;
      await failTimes(catalog, 1);
      expect(upstream.arrivals).toHaveLength(3);
      travel.aheadMs += 501;
      await failTimes(catalog, 1);
      expect(upstream.arrivals).toHaveLength(4);
    });

    it('ignores the late result of a call from before', async () => {
      const { catalog, upstream } = await broken(fail());
      upstream.on('/slow', after(100, answer()));
      const slow = catalog.get('/slow');
      await failTimes(catalog, 3);
      expect((await slow).status).toBe(200);
      expect(catalog.breaker?.state).toBe('open');
    });
  });

  describe('a half-open breaker', () => {
    it.each([1, 3])(
      'lets %i probes through among 1,000 callers, and closes on their success',
      async (permits) => {
        const { upstream, catalog, travel } = await broken(
          fail(),
          { halfOpen: { permits } },
          { timeout: '10s' },
        );
        await failTimes(catalog, 3);
        upstream.behave(after(30, answer()));
        travel.aheadMs = 10_001;
        const calls = Array.from({ length: 1000 }, () => catalog.get('/'));
        const ends = await Promise.allSettled(calls);
        const refused = ends.filter(({ status }) => status === 'rejected');
        expect(refused).toHaveLength(1000 - permits);
        for (const { reason } of refused as PromiseRejectedResult[]) {
          expect(reason).toBeInstanceOf(CircuitOpenException);
        }
        expect(upstream.arrivals).toHaveLength(3 + permits);
        expect(catalog.breaker?.state).toBe('closed');
      },
    );

    it('opens again when its probe fails', async () => {
      const { upstream, catalog, travel } = await broken(fail());
      await failTimes(catalog, 3);
      travel.aheadMs = 10_001;
      await failTimes(catalog, 5);
      expect(catalog.breaker?.state).toBe('open');
      expect(upstream.arrivals).toHaveLength(4);
    });

    it('opens again when its probe hangs for longer than maxDuration, and ignores it', async () => {
      const { upstream, catalog, travel } = await broken(
        fail(),
        { halfOpen: { maxDuration: '30s' } },
        { timeout: '500ms' },
      );
      await failTimes(catalog, 3);
      upstream.behave(neverAnswer());
      travel.aheadMs = 10_001;
      const probe = rejection(catalog.get('/'));
      await eventually(() => upstream.arrivals.length === 4);
      expect(catalog.breaker?.state).toBe('half-open');
      travel.aheadMs += 30_001;
      expect(catalog.breaker?.state).toBe('open');
      expect(await probe).toBeInstanceOf(BackendTimeoutException);
      expect(catalog.breaker?.counts.failures).toBe(0);
    });

    it('takes the permit back from a probe that its bucket refused or its caller cancelled', async () => {
      const { upstream, catalog, travel } = await broken(
        fail(),
        {},
        { rateLimit: { maxRate: 4, capacity: 4, every: '1h' } },
      );
      await failTimes(catalog, 3);
      upstream.behave(neverAnswer());
      travel.aheadMs = 10_001;
      const own = new AbortController();
      const probe = rejection(catalog.get('/', { signal: own.signal }));
      await eventually(() => upstream.arrivals.length === 4);
      own.abort();
      await probe;
      for (let i = 0; i < 3; i++) {
        expect(await rejection(catalog.get('/'))).toBeInstanceOf(
          BackendRateLimitedException,
        );
      }
      upstream.behave(answer());
      travel.aheadMs += 3_600_000;
      expect((await catalog.get('/')).status).toBe(200);
      expect(catalog.breaker?.state).toBe('closed');
    });
  });

  describe('a breaker with a failure rate', () => {
    const byRate = { maxErrors: undefined, failureRate: 0.5, minimumCalls: 4 };

    it('opens when the share of failures is reached, though none are in a row', async () => {
      const { catalog } = await broken(
        inTurn(answer(), fail(), answer(), fail()),
        byRate,
      );
      for (let i = 0; i < 4; i++) await catalog.get('/').catch(() => {});
      expect(catalog.breaker?.state).toBe('open');
    });

    it('lets failures grow old', async () => {
      const { catalog, travel } = await broken(fail(), byRate);
      await failTimes(catalog, 3);
      expect(catalog.breaker?.rates).toMatchObject({ failureRate: 1 });
      travel.aheadMs = 10_001;
      await failTimes(catalog, 3);
      expect(catalog.breaker?.state).toBe('closed');
      await failTimes(catalog, 1);
      expect(catalog.breaker?.state).toBe('open');
    });
  });

  describe('a breaker with a slow call rate', () => {
    const bySlowness = {
      maxErrors: undefined,
      slowCallRate: 1,
      slowCallDuration: '50ms',
      minimumCalls: 2,
    };

    it('opens although every call succeeds, when their bodies take too long', async () => {
      const { catalog } = await broken(trickle(120, 40), bySlowness, {
        timeout: '2s',
      });
      await Promise.all([catalog.get('/'), catalog.get('/')]);
      expect(catalog.breaker?.state).toBe('open');
    });

    it('goes by the headers of answers that are read as streams', async () => {
      const { catalog } = await broken(
        trickle(200, 40),
        { ...bySlowness, slowCallDuration: '150ms' },
        { timeout: '2s' },
      );
      for (let i = 0; i < 2; i++) {
        const { data } = await catalog.get('/', { responseType: 'stream' });
        await text(data);
      }
      await eventually(() => catalog.breaker?.rates?.calls === 2);
      expect(catalog.breaker?.rates?.slowCallRate).toBe(0);
    });
  });

  describe('a breaker whose probes fail', () => {
    it('waits longer each time, until it has closed', async () => {
      const { upstream, catalog, travel } = await broken(fail(), {
        timeoutGrowth: 2,
      });
      await failTimes(catalog, 3);
      travel.aheadMs = 10_001;
      await failTimes(catalog, 1);
      travel.aheadMs += 19_000;
      await failTimes(catalog, 1);
      expect(upstream.arrivals).toHaveLength(4);
      travel.aheadMs += 1001;
      await failTimes(catalog, 1);
      expect(upstream.arrivals).toHaveLength(5);
    });
  });

  describe('a forced breaker', () => {
    it('refuses without Retry-After while it is forced open, and serves after its reset', async () => {
      const { upstream, catalog, travel } = await broken(answer());
      catalog.breaker?.forceOpen();
      travel.aheadMs = 3_600_000;
      const error = (await rejection(catalog.get('/'))) as CircuitOpenException;
      expect(error).toBeInstanceOf(CircuitOpenException);
      expect(error.retryAfterMs).toBeUndefined();
      expect(upstream.arrivals).toHaveLength(0);
      catalog.breaker?.reset();
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('lets every call through while it is forced closed', async () => {
      const { upstream, catalog } = await broken(fail());
      catalog.breaker?.forceClosed();
      await failTimes(catalog, 10);
      expect(upstream.arrivals).toHaveLength(10);
      expect(catalog.breaker?.state).toBe('forced-closed');
    });

    it('shows in the channel like any other state', async () => {
      const seen: unknown[] = [];
      const listener = (message: unknown) => seen.push(message);
      subscribe('floodgate:breaker', listener);
      onTestFinished(() => {
        unsubscribe('floodgate:breaker', listener);
      });
      const { catalog } = await broken(answer());
      catalog.breaker?.forceOpen();
      catalog.breaker?.reset();
      expect(seen).toEqual([
        { backend: 'catalog', from: 'closed', to: 'forced-open' },
        { backend: 'catalog', from: 'forced-open', to: 'closed' },
      ]);
    });
  });

  describe('each change of state', () => {
    it('is published on floodgate:breaker', async () => {
      const seen: string[] = [];
      const listener = (message: unknown) => {
        const { backend, from, to } = message as BreakerTransition;
        seen.push(`${backend}: ${from} > ${to}`);
      };
      subscribe('floodgate:breaker', listener);
      onTestFinished(() => {
        unsubscribe('floodgate:breaker', listener);
      });
      const { upstream, catalog, travel } = await broken(fail());
      await failTimes(catalog, 3);
      upstream.behave(answer());
      travel.aheadMs = 10_001;
      await catalog.get('/');
      expect(seen).toEqual([
        'catalog: closed > open',
        'catalog: open > half-open',
        'catalog: half-open > closed',
      ]);
    });
  });
});
