import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import {
  backendForTest,
  callOver,
  eventually,
  transports,
} from '../../../support/backend-under-test.js';
import {
  blackholedUrl,
  freezingUrl,
} from '../../../support/blackholed-backend.js';
import { endOf } from '../../../support/call-ends.js';
import {
  FAULT_DEADLINE_MS,
  faultPaths,
  faults,
  faultyUpstream,
  refusedUrl,
} from '../../../support/faulty-upstream.js';
import { againIfHeldUp, WatchedLoop } from '../../../support/held-up.js';
import { busyWith, isNoBusierThan } from '../../../support/leftovers.js';

/** The library may add a little to a deadline. */
const LATEST_MS = FAULT_DEADLINE_MS + 50;

const timeout = `${FAULT_DEADLINE_MS}ms`;
const isTimeout = (end: string) => end === 'BackendTimeoutException';

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a call that meets', () => {
    it.each(faultPaths)(
      '%s ends in time and leaves no socket or timer',
      async (path) => {
        const loop = new WatchedLoop();
        const upstream = await faultyUpstream();
        const before = busyWith();
        const catalog = backendForTest(upstream.url, { timeout });
        const { end, tookMs, heldUpMs } = await endOf(catalog.get(path), loop);
        expect(end).toBe(faults[path].end);
        expect(tookMs - heldUpMs).toBeLessThan(LATEST_MS);
        expect(tookMs).toBeGreaterThan(
          isTimeout(end) ? FAULT_DEADLINE_MS - heldUpMs - 5 : 0,
        );
        expect(upstream.arrivals).toHaveLength(1);
        catalog.close();
        await eventually(() => upstream.sockets.size === 0);
        await eventually(() => isNoBusierThan(before));
      },
    );

    it.each([
      ['/trickle', 'broken'],
      ['/reset-later', 'broken'],
      ['/closed-early', 'broken'],
      ['/huge', 'whole'],
    ] as const)(
      '%s while reading a stream fails with %s in time',
      async (path, expected) => {
        const loop = new WatchedLoop();
        const upstream = await faultyUpstream();
        const before = busyWith();
        const catalog = backendForTest(upstream.url, { timeout });
        const startMs = performance.now();
        const { data } = await catalog.get<Readable>(path, {
          responseType: 'stream',
        });
        const found = await text(data).then(
          () => 'whole',
          () => 'broken',
        );
        expect(found).toBe(expected);
        const tookMs = performance.now() - startMs;
        expect(tookMs - loop.heldUpMs).toBeLessThan(LATEST_MS);
        catalog.close();
        await eventually(() => upstream.sockets.size === 0);
        await eventually(() => isNoBusierThan(before));
      },
    );

    it('a port without a listener fails at once', async () => {
      const before = busyWith();
      const catalog = backendForTest(refusedUrl, { timeout });
      const { end } = await endOf(catalog.get('/'));
      expect(end).toBe('BackendUnreachableException');
      catalog.close();
      await eventually(() => isNoBusierThan(before));
    });

    it('a host that accepts no connection ends at its deadline', async () => {
      const loop = new WatchedLoop();
      const url = await blackholedUrl();
      const before = busyWith();
      const catalog = backendForTest(url, { timeout });
      const { end, tookMs, heldUpMs } = await endOf(catalog.get('/'), loop);
      expect(end).toBe('BackendTimeoutException');
      expect(tookMs - heldUpMs).toBeLessThan(LATEST_MS);
      catalog.close();
      await eventually(() => isNoBusierThan(before));
    });

    it('a connection whose peer is gone ends at its deadline', async () => {
      const loop = new WatchedLoop();
      const catalog = backendForTest(await freezingUrl(), { timeout });
      expect((await catalog.get('/')).status).toBe(200);
      const { end, tookMs, heldUpMs } = await endOf(catalog.get('/'), loop);
      expect(end).toBe('BackendTimeoutException');
      expect(tookMs - heldUpMs).toBeLessThan(LATEST_MS);
    });
  });
});
