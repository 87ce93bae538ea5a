import axios from 'axios';
import { BackendTimeoutException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  after,
  answer,
  halfHeader,
  neverAnswer,
  trickle,
} from '../../../support/backend-behaviours.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  durationMs,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { againIfHeldUp, undisturbedMs } from '../../../support/held-up.js';
import { blackholedUrl } from '../../../support/blackholed-backend.js';

/** What the library, and the small work of a busy machine, may add to a timer. */
const SLACK_MS = 150;

/** How a call ended that was given so much time. */
async function endOf(call: Promise<unknown>) {
  const [error, tookMs, ofThatOwnMs] = await Promise.all([
    rejection(call),
    durationMs(call),
    undisturbedMs(call),
  ]);
  return { error, tookMs, ofThatOwnMs };
}

function timeoutAt(deadlineMs: number) {
  return {
    error: expect.any(BackendTimeoutException),
    tookMs: expect.toSatisfy(
      (ms: number) => ms > deadlineMs - 20,
      `at least ${deadlineMs} ms`,
    ),
    ofThatOwnMs: expect.toSatisfy(
      (ms: number) => ms < deadlineMs + SLACK_MS,
      `about ${deadlineMs} ms`,
    ),
  };
}

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('the deadline of a call', () => {
    it('ends a trickling body, which the timeout of axios lets pass', async () => {
      const upstream = await upstreamForTest(trickle(2000));
      const bare = axios.get(upstream.url, { timeout: 1000 });
      const ours = backendForTest(upstream.url, { timeout: '300ms' }).get('/');
      const [end, { status }, bareMs] = await Promise.all([
        endOf(ours),
        bare,
        durationMs(bare),
      ]);
      expect(end).toEqual(timeoutAt(300));
      expect(status).toBe(200);
      expect(bareMs).toBeGreaterThan(1000);
    });

    const silences: [string, Behaviour][] = [
      ['says nothing', neverAnswer()],
      ['stops within a header', halfHeader()],
      ['answers too late', after(400, answer())],
    ];
    it.each(silences)('ends a call to a server that %s', async (_, silence) => {
      const upstream = await upstreamForTest(silence);
      const catalog = backendForTest(upstream.url, { timeout: '200ms' });
      expect(await endOf(catalog.get('/'))).toEqual(timeoutAt(200));
      await eventually(() => upstream.sockets.size === 0);
    });

    it('ends a call that cannot connect', async () => {
      const catalog = backendForTest(await blackholedUrl(), {
        timeout: '200ms',
      });
      expect(await endOf(catalog.get('/'))).toEqual(timeoutAt(200));
    });

    it('includes the time in the queue for a connection', async () => {
      const upstream = await upstreamForTest(after(200, answer()));
      const catalog = backendForTest(upstream.url, {
        timeout: '300ms',
        maxConnectionsPerHost: 1,
      });
      const first = catalog.get('/first');
      await eventually(() => upstream.arrivals.length === 1);
      const second = catalog.get('/second');
      expect(await endOf(second)).toEqual(timeoutAt(300));
      expect((await first).status).toBe(200);
      expect((await catalog.get('/third')).status).toBe(200);
      expect(upstream.accepted).toBeLessThanOrEqual(2);
    });

    it('ends a call that never leaves the queue and is never sent', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      const catalog = backendForTest(upstream.url, {
        maxConnectionsPerHost: 1,
      });
      const hung = rejection(catalog.get('/hung', { timeout: 400 }));
      await eventually(() => upstream.arrivals.length === 1);
      expect(await endOf(catalog.get('/queued', { timeout: 100 }))).toEqual(
        timeoutAt(100),
      );
      await hung;
      upstream.behave(answer());
      await catalog.get('/next');
      expect(upstream.arrivalsAt('/queued')).toHaveLength(0);
    });

    it('covers slow interceptors', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, { timeout: '100ms' });
      catalog.interceptors.request.use(() => new Promise(() => {}));
      expect(await endOf(catalog.get('/'))).toEqual(timeoutAt(100));
      expect(upstream.arrivals).toHaveLength(0);
    });
  });
});
