import type { HttpBackend } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { after, answer } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { againIfHeldUp } from '../../../support/held-up.js';

/** So many calls at once, each on a connection of its own. */
async function burst(catalog: HttpBackend, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => catalog.get('/')));
}

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('the connections of a backend', () => {
    it('are never shared with another backend of the same host', async () => {
      const upstream = await upstreamForTest();
      const one = backendForTest(upstream.url);
      const two = backendForTest(upstream.url);
      await one.get('/');
      await two.get('/');
      expect(upstream.accepted).toBe(2);
      one.close();
      await eventually(() => upstream.sockets.size === 1);
      expect((await two.get('/')).status).toBe(200);
    });

    it('close after each call without keepAlive', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, { keepAlive: false });
      for (let i = 0; i < 3; i++) await catalog.get('/');
      expect(upstream.accepted).toBe(3);
      await eventually(() => upstream.sockets.size === 0);
    });

    it('never exceed maxConnectionsPerHost, and further calls wait', async () => {
      const upstream = await upstreamForTest(after(20, answer()));
      const catalog = backendForTest(upstream.url, {
        maxConnectionsPerHost: 3,
      });
      await burst(catalog, 12);
      expect(upstream.arrivals).toHaveLength(12);
      expect(upstream.accepted).toBe(3);
    });

    it('close when idle for longer than idleConnectionTimeout, but not while an answer is awaited', async () => {
      const upstream = await upstreamForTest(after(200, answer()));
      const catalog = backendForTest(upstream.url, {
        idleConnectionTimeout: '80ms',
      });
      expect((await catalog.get('/')).status).toBe(200);
      await eventually(() => upstream.sockets.size === 0);
      expect((await catalog.get('/', { maxRedirects: 0 })).status).toBe(200);
    });

    it('are never used just as the backend closes them when idleConnectionTimeout is shorter than its own', async () => {
      const upstream = await upstreamForTest();
      upstream.closeIdleAfter(120);
      const catalog = backendForTest(upstream.url, {
        idleConnectionTimeout: '60ms',
      });
      for (const pauseMs of [0, 30, 55, 60, 65, 90, 115, 120, 125]) {
        await new Promise((later) => setTimeout(later, pauseMs));
        // Not even once is a post broken, which is never sent again.
        expect((await catalog.post('/')).status).toBe(200);
      }
      expect(upstream.arrivals).toHaveLength(9);
    });
  });
});

describe.each(transports)(
  'the connections of a backend over %s',
  (transport) => {
    callOver(transport);

    it('are reused by later calls', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url);
      for (let i = 0; i < 20; i++) await catalog.get('/');
      expect(upstream.accepted).toBe(1);
    });

    it('close when idle connections exceed maxIdleConnectionsPerHost', async () => {
      const upstream = await upstreamForTest(after(30, answer()));
      const catalog = backendForTest(upstream.url, {
        maxIdleConnectionsPerHost: 2,
      });
      await burst(catalog, 8);
      expect(upstream.accepted).toBe(8);
      await eventually(() => upstream.sockets.size === 2);
      await burst(catalog, 2);
      expect(upstream.accepted).toBe(8);
    });

    it('close when idle connections exceed maxIdleConnections over all hosts', async () => {
      const one = await upstreamForTest(after(30, answer()));
      const two = await upstreamForTest(after(30, answer()));
      const catalog = backendForTest([one.url, two.url], {
        maxIdleConnections: 3,
      });
      await burst(catalog, 12);
      expect(one.accepted + two.accepted).toBe(12);
      await eventually(() => one.sockets.size + two.sockets.size === 3);
    });

    it('take no further call once older than maxConnectionAge', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, {
        maxConnectionAge: '100ms',
      });
      await catalog.get('/');
      await catalog.get('/');
      expect(upstream.accepted).toBe(1);
      await new Promise((later) => setTimeout(later, 110));
      await catalog.get('/');
      await eventually(() => upstream.sockets.size === 0);
      await catalog.get('/');
      expect(upstream.accepted).toBe(2);
    });
  },
);
