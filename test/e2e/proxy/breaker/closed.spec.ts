import { isCancel } from 'axios';
import { BackendRateLimitedException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  answer,
  fail,
  inTurn,
  neverAnswer,
  resetAfter,
} from '../../../support/backend-behaviours.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';
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

  describe('a closed breaker', () => {
    const failures: [string, Behaviour][] = [
      ['5xx', fail(503)],
      ['resets', resetAfter(0)],
      ['answers that break off', resetAfter(10)],
      ['timeouts', neverAnswer()],
    ];
    it.each(failures)(
      'opens on the third in a row of: %s',
      async (_, failing) => {
        const { upstream, catalog } = await brokenBackend(
          failing,
          {},
          { timeout: '150ms' },
        );
        await failTimes(catalog, 2);
        expect(catalog.breaker?.state).toBe('closed');
        await failTimes(catalog, 1);
        expect(catalog.breaker?.state).toBe('open');
        await failTimes(catalog, 20);
        expect(upstream.arrivals).toHaveLength(3);
      },
    );

    it('starts counting again after a success, and a 404 is one', async () => {
      const { catalog } = await brokenBackend(
        inTurn(fail(), fail(), fail(404), fail(), fail(), answer(), fail()),
      );
      await failTimes(catalog, 5);
      await catalog.get('/');
      await failTimes(catalog, 2);
      expect(catalog.breaker?.state).toBe('closed');
      await failTimes(catalog, 1);
      expect(catalog.breaker?.state).toBe('open');
    });

    it('forgets failures older than its interval', async () => {
      const { catalog, travel } = await brokenBackend(fail(), {
        interval: '60s',
      });
      await failTimes(catalog, 2);
      travel.aheadMs = 61_000;
      await failTimes(catalog, 2);
      expect(catalog.breaker?.state).toBe('closed');
    });

    it('counts neither calls cancelled by the caller nor calls rejected by a bucket', async () => {
      const { upstream, catalog } = await brokenBackend(
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

    it('follows isFailure when configured', async () => {
      const isFailure = (found?: { status: number }) => found?.status === 429;
      const { catalog } = await brokenBackend(fail(500), { isFailure });
      await failTimes(catalog, 5);
      expect(catalog.breaker?.state).toBe('closed');
      const limited = await brokenBackend(fail(429), { isFailure });
      await failTimes(limited.catalog, 3);
      expect(limited.catalog.breaker?.state).toBe('open');
    });

    it('keeps its permits when isFailure throws', async () => {
      const isFailure = () => {
        throw new RangeError('a bug of the application');
      };
      const { catalog } = await brokenBackend(answer(), { isFailure });
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(RangeError);
      expect(catalog.breaker?.counts).toMatchObject({
        requests: 1,
        ignored: 1,
      });
    });

    it('sees failures that an interceptor turns into a fallback', async () => {
      const { catalog } = await brokenBackend(fail());
      catalog.interceptors.response.use(undefined, () => ({
        data: 'fallback',
      }));
      for (let i = 0; i < 3; i++) await catalog.get('/');
      expect(catalog.breaker?.state).toBe('open');
    });

    it('does not count a call that an interceptor prevents from being sent', async () => {
      const { catalog } = await brokenBackend(answer());
      catalog.interceptors.request.use(() => {
        throw new RangeError('no token');
      });
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(RangeError);
      expect(catalog.breaker?.counts).toMatchObject({
        requests: 0,
        ignored: 0,
      });
    });
  });
});
