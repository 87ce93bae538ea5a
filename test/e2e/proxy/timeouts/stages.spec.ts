import { Readable } from 'node:stream';
import { BackendTimeoutException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  after,
  answer,
  halfHeader,
  neverAnswer,
  redirect,
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
import { againIfHeldUp, undisturbedMs } from '../../../support/held-up.js';
import { blackholedUrl } from '../../../support/blackholed-backend.js';
import { serverCertificate } from '../../../support/certificates/certificates.js';
import { refusedUrl } from '../../../support/faulty-upstream.js';
import { busyWith, isNoBusierThan } from '../../../support/leftovers.js';

async function timeoutOf(call: Promise<unknown>) {
  return (await rejection(call)) as BackendTimeoutException;
}

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('connectTimeout', () => {
    it('ends a call that gets no connection in time and names itself in the log', async () => {
      const catalog = backendForTest(await blackholedUrl(), {
        connectTimeout: '100ms',
        timeout: '5s',
        circuitBreaker: { maxErrors: 5 },
      });
      const call = catalog.get('/');
      expect(await undisturbedMs(call)).toBeLessThan(3000);
      const error = await timeoutOf(call);
      expect(error).toBeInstanceOf(BackendTimeoutException);
      expect(error.late).toBe('connection');
      expect(error.cause).toMatchObject({
        code: 'ETIMEDOUT',
        message: 'no connection within 100 ms',
        config: { url: '/' },
      });
      expect(JSON.stringify(error.getResponse())).not.toContain('connection');
      expect(catalog.breaker?.counts.failures).toBe(1);
    });

    it('includes the TLS handshake', async () => {
      const silent = await upstreamForTest();
      silent.holdBack();
      const url = silent.url.replace('http:', 'https:');
      const catalog = backendForTest(url, {
        connectTimeout: '100ms',
        timeout: '5s',
      });
      const error = await timeoutOf(catalog.get('/'));
      expect(error.late).toBe('connection');
      await eventually(() => silent.sockets.size === 0);
    });

    it('takes a host that accepts no connection out of rotation for a while', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest([await blackholedUrl(), upstream.url], {
        connectTimeout: '100ms',
        timeout: '5s',
      });
      await rejection(catalog.get('/'));
      for (let i = 0; i < 4; i++) await catalog.get('/');
      expect(upstream.arrivals).toHaveLength(4);
    });

    it('does not limit a slow answer', async () => {
      const upstream = await upstreamForTest(after(200, answer()));
      const catalog = backendForTest(upstream.url, { connectTimeout: '60ms' });
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('leaves no timer when the connection is refused', async () => {
      const before = busyWith();
      const catalog = backendForTest(refusedUrl, { connectTimeout: '60s' });
      await rejection(catalog.get('/'));
      await eventually(() => isNoBusierThan(before));
      expect(busyWith().Timeout).toBeLessThanOrEqual(before.Timeout);
    });
  });

  describe('responseHeaderTimeout', () => {
    const limits = { responseHeaderTimeout: '100ms', timeout: '5s' };

    it.each([
      ['says nothing', neverAnswer()],
      ['stops within a header', halfHeader()],
    ])('ends a call to a server that %s', async (_, silence) => {
      const upstream = await upstreamForTest(silence);
      const catalog = backendForTest(upstream.url, limits);
      const call = catalog.get('/');
      expect(await undisturbedMs(call)).toBeLessThan(3000);
      const error = await timeoutOf(call);
      expect(error).toBeInstanceOf(BackendTimeoutException);
      expect(error.late).toBe('headers');
      expect((error.cause as Error).message).toBe(
        'no response headers within 100 ms',
      );
      await eventually(() => upstream.sockets.size === 0);
    });

    it.each(['json', 'stream'] as const)(
      'ends a call for %s, on https as well',
      async (responseType) => {
        const upstream = await upstreamForTest(neverAnswer(), {
          tls: serverCertificate,
        });
        const catalog = backendForTest(upstream.url, {
          ...limits,
          tls: { rejectUnauthorized: false },
        });
        const error = await timeoutOf(catalog.get('/', { responseType }));
        expect(error.late).toBe('headers');
      },
    );

    it('does not limit a slow body', async () => {
      const upstream = await upstreamForTest(trickle(300, 30));
      const catalog = backendForTest(upstream.url, limits);
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('starts with the last byte of the request', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, limits);
      const slow = Readable.from(
        (async function* () {
          for (let i = 0; i < 5; i++) {
            await new Promise((later) => setTimeout(later, 50));
            yield `${i}`;
          }
        })(),
      );
      await catalog.post('/', slow);
      expect(upstream.arrivals[0].body).toBe('01234');
    });

    it('starts again for each redirect', async () => {
      const upstream = await upstreamForTest(after(60, answer()));
      upstream.on('/a', after(60, redirect('/b')));
      upstream.on('/b', after(60, redirect('/c')));
      const catalog = backendForTest(upstream.url, limits);
      expect((await catalog.get('/a')).status).toBe(200);
      expect(upstream.arrivals).toHaveLength(3);
    });

    it('leaves no timer behind', async () => {
      const upstream = await upstreamForTest();
      const before = busyWith();
      const catalog = backendForTest(upstream.url, {
        responseHeaderTimeout: '60s',
      });
      await catalog.get('/');
      upstream.behave(neverAnswer());
      await rejection(catalog.get('/', { timeout: 50 }));
      catalog.close();
      await eventually(() => isNoBusierThan(before));
      expect(busyWith().Timeout).toBeLessThanOrEqual(before.Timeout);
    });
  });

  it('without stage timeouts, a late call exceeds the timeout of the whole call', async () => {
    const upstream = await upstreamForTest(neverAnswer());
    const catalog = backendForTest(upstream.url, { timeout: '60ms' });
    expect((await timeoutOf(catalog.get('/'))).late).toBe('answer');
  });
});
