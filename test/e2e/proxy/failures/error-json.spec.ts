import { describe, expect, it } from 'vitest';
import {
  fail,
  neverAnswer,
  trickle,
} from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { clientCertificate } from '../../../support/certificates/certificates.js';

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('the error of a call, serialized as JSON by a logger,', () => {
    it('reveals nothing about concurrent calls', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      upstream.on('/fail', fail());
      const catalog = backendForTest(upstream.url, { timeout: '20s' });
      const waiting = Array.from({ length: 20 }, () =>
        rejection(catalog.get('/')),
      );
      await eventually(() => upstream.arrivals.length === 20);
      const written = JSON.stringify(await rejection(catalog.get('/fail')));
      expect(written).toContain('/fail');
      expect(written.length).toBeLessThan(5000);
      catalog.close();
      await Promise.all(waiting);
    });

    it('is finite when the deadline interrupts the body', async () => {
      const upstream = await upstreamForTest(trickle(2000));
      const catalog = backendForTest(upstream.url, { timeout: '100ms' });
      const { cause } = (await rejection(catalog.get('/'))) as Error;
      expect(JSON.stringify(cause)).toContain('no complete answer');
    });

    it('contains no private key of the client', async () => {
      const upstream = await upstreamForTest(fail());
      const catalog = backendForTest(upstream.url, { tls: clientCertificate });
      const written = JSON.stringify(await rejection(catalog.get('/')));
      expect(written).toContain('"url":"/"');
      expect(written).not.toContain('PRIVATE KEY');
    });
  });
});
