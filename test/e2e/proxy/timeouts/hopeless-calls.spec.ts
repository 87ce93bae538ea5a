import {
  BackendRateLimitedException,
  BackendTimeoutException,
} from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { after, answer } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { againIfHeldUp } from '../../../support/held-up.js';

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a call that cannot get an answer in time', () => {
    it('is rejected without spending a token when the backend is configured to', async () => {
      const upstream = await upstreamForTest(after(200, answer()));
      const catalog = backendForTest(upstream.url, {
        refuseHopeless: true,
        rateLimit: { maxRate: 1, every: '1h', capacity: 2 },
      });
      await catalog.get('/');
      const hopeless = catalog.get('/', { timeout: 100 });
      expect(await rejection(hopeless)).toBeInstanceOf(BackendTimeoutException);
      expect(upstream.arrivals).toHaveLength(1);
      await catalog.get('/');
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(
        BackendRateLimitedException,
      );
    });

    it("is sent again once the backend's latency is out of date", async () => {
      const upstream = await upstreamForTest(after(200, answer()));
      const travel = { aheadMs: 0 };
      const catalog = backendForTest(
        upstream.url,
        { refuseHopeless: true },
        travel,
      );
      await catalog.get('/');
      upstream.behave(answer());
      travel.aheadMs += 60_000;
      const { status } = await catalog.get('/', { timeout: 150 });
      expect(status).toBe(200);
    });

    it('is sent by default', async () => {
      const upstream = await upstreamForTest(after(200, answer()));
      const catalog = backendForTest(upstream.url);
      await catalog.get('/');
      await rejection(catalog.get('/', { timeout: 100 }));
      expect(upstream.arrivals).toHaveLength(2);
    });
  });
});
