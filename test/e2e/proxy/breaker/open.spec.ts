import {
  BackendRateLimitedException,
  BackendTimeoutException,
  CircuitOpenException,
} from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  after,
  answer,
  fail,
  neverAnswer,
} from '../../../support/backend-behaviours.js';
import {
  callOver,
  eventually,
  rejection,
  transports,
} from '../../../support/backend-under-test.js';
import { brokenBackend, failTimes } from '../../../support/broken-backend.js';
import { againIfHeldUp } from '../../../support/held-up.js';

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('an open breaker', () => {
    it('rejects calls with the time until its probe, and nothing reaches the upstream', async () => {
      const { upstream, catalog, travel } = await brokenBackend(fail());
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

    it('ignores the late result of an earlier call', async () => {
      const { catalog, upstream } = await brokenBackend(fail());
      upstream.on('/slow', after(1000, answer()));
      const slow = catalog.get('/slow');
      await failTimes(catalog, 3);
      expect((await slow).status).toBe(200);
      expect(catalog.breaker?.state).toBe('open');
    });
  });

  describe('a half-open breaker', () => {
    it.each([1, 3])(
      'admits %i probes among 1,000 callers and closes when they succeed',
      async (permits) => {
        const { upstream, catalog, travel } = await brokenBackend(
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
      const { upstream, catalog, travel } = await brokenBackend(fail());
      await failTimes(catalog, 3);
      travel.aheadMs = 10_001;
      await failTimes(catalog, 5);
      expect(catalog.breaker?.state).toBe('open');
      expect(upstream.arrivals).toHaveLength(4);
    });

    it('opens again when its probe hangs for longer than maxDuration, and ignores its result', async () => {
      const { upstream, catalog, travel } = await brokenBackend(
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

    it('gets its permit back from a probe rejected by its bucket or cancelled by its caller', async () => {
      const { upstream, catalog, travel } = await brokenBackend(
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

  describe('a breaker whose probes fail', () => {
    it('stays open longer each time until it has closed', async () => {
      const { upstream, catalog, travel } = await brokenBackend(fail(), {
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
});
