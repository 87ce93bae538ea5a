import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import {
  answer,
  fail,
  inTurn,
  trickle,
} from '../../../support/backend-behaviours.js';
import {
  callOver,
  eventually,
  transports,
} from '../../../support/backend-under-test.js';
import { brokenBackend, failTimes } from '../../../support/broken-backend.js';
import { againIfHeldUp } from '../../../support/held-up.js';

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a breaker with a failure rate', () => {
    const byRate = { maxErrors: undefined, failureRate: 0.5, minimumCalls: 4 };

    it('opens when the failure rate is reached without failures in a row', async () => {
      const { catalog } = await brokenBackend(
        inTurn(answer(), fail(), answer(), fail()),
        byRate,
      );
      for (let i = 0; i < 4; i++) await catalog.get('/').catch(() => {});
      expect(catalog.breaker?.state).toBe('open');
    });

    it('lets failures expire', async () => {
      const { catalog, travel } = await brokenBackend(fail(), byRate);
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

    it('opens when bodies take too long, even if every call succeeds', async () => {
      const { catalog } = await brokenBackend(trickle(120, 40), bySlowness, {
        timeout: '2s',
      });
      await Promise.all([catalog.get('/'), catalog.get('/')]);
      expect(catalog.breaker?.state).toBe('open');
    });

    it('measures answers read as streams by their headers', async () => {
      const { catalog } = await brokenBackend(
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
});
