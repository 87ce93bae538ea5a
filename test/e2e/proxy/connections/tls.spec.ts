import type { TLSSocket } from 'node:tls';
import { BackendUnreachableException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { answer } from '../../../support/backend-behaviours.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import {
  ca,
  clientCertificate,
  serverCertificate,
} from '../../../support/certificates/certificates.js';

/** Answers with the name in the certificate that the caller showed. */
const whoCalls: Behaviour = (exchange) => {
  const { subject } = (exchange.socket as TLSSocket).getPeerCertificate();
  answer({ caller: subject?.CN ?? 'nobody' })(exchange);
};

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('an https backend', () => {
    it('is rejected when its certificate is signed by no trusted authority', async () => {
      const upstream = await upstreamForTest(answer(), {
        tls: serverCertificate,
      });
      const error = await rejection(backendForTest(upstream.url).get('/'));
      expect(error).toBeInstanceOf(BackendUnreachableException);
      expect(upstream.arrivals).toHaveLength(0);
    });

    it.each([
      ['its authority is in tls.ca', { ca }],
      ['one of several authorities is its', { ca: [Buffer.from(ca)] }],
      ['certificates are not checked', { rejectUnauthorized: false }],
    ])('is called when %s', async (_, tls) => {
      const upstream = await upstreamForTest(answer(), {
        tls: serverCertificate,
      });
      const catalog = backendForTest(upstream.url, { tls });
      for (let i = 0; i < 6; i++) await catalog.get('/');
      // Undici's pool takes a second connection for calls that follow at once.
      expect(upstream.accepted).toBeLessThanOrEqual(2);
    });

    it('must have the name in tls.servername', async () => {
      const upstream = await upstreamForTest(answer(), {
        tls: serverCertificate,
      });
      const called = (servername: string) =>
        backendForTest(upstream.url, { tls: { ca, servername } }).get('/');
      expect((await called('catalog.test')).status).toBe(200);
      const error = await rejection(called('stock.test'));
      expect(error).toBeInstanceOf(BackendUnreachableException);
    });

    it('receives the client certificate', async () => {
      const upstream = await upstreamForTest(whoCalls, {
        tls: { ...serverCertificate, ca, requestCert: true },
      });
      const known = backendForTest(upstream.url, {
        tls: { ca, ...clientCertificate },
      });
      const stranger = backendForTest(upstream.url, {
        tls: { ca, rejectUnauthorized: false },
      });
      expect((await known.get('/')).data).toEqual({ caller: 'client' });
      upstream.behave(answer());
      const error = await rejection(stranger.get('/'));
      expect(error).toBeInstanceOf(BackendUnreachableException);
    });
  });
});
