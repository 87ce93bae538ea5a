import { BackendUnreachableException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { neverAnswer, resetAfter } from '../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  rejection,
  transports,
  upstreamForTest,
} from '../support/backend-under-test.js';
import { blackholedUrl } from '../support/blackholed-backend.js';
import { Upstream } from '../support/upstream.js';

async function refusingUrl(): Promise<string> {
  const gone = await Upstream.start();
  const { url } = gone;
  await gone.stop();
  return url;
}

async function statuses(count: number, call: () => Promise<unknown>) {
  const ends = [];
  for (let i = 0; i < count; i++) {
    ends.push(
      await call().then(
        () => 'answered',
        () => 'failed',
      ),
    );
  }
  return ends;
}

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('several hosts of one backend', () => {
    it('are used in turn, each with its own base path', async () => {
      const one = await upstreamForTest();
      const two = await upstreamForTest();
      const catalog = backendForTest([`${one.url}/a`, `${two.url}/b`]);
      for (let i = 0; i < 6; i++) await catalog.get('/x');
      expect(one.arrivalsAt('/a/x')).toHaveLength(3);
      expect(two.arrivalsAt('/b/x')).toHaveLength(3);
    });

    it.each([
      ['refuses connections', refusingUrl],
      ['lets nobody connect', blackholedUrl],
    ])(
      'serve without the one that %s, after its first failure',
      async (_, dead) => {
        const alive = await upstreamForTest();
        const travel = { aheadMs: 0 };
        const catalog = backendForTest(
          [await dead(), alive.url],
          { timeout: '200ms' },
          travel,
        );
        expect(await statuses(8, () => catalog.get('/'))).toEqual([
          'failed',
          ...Array(7).fill('answered'),
        ]);
        travel.aheadMs = 1000;
        expect(await statuses(2, () => catalog.get('/'))).toContain('failed');
      },
    );

    it('are tried all the same when none can be reached', async () => {
      const catalog = backendForTest([
        await refusingUrl(),
        await refusingUrl(),
      ]);
      for (let i = 0; i < 4; i++) {
        expect(await rejection(catalog.get('/'))).toBeInstanceOf(
          BackendUnreachableException,
        );
      }
    });

    it('stay in turn when they connect and fail later, or when the caller cancels', async () => {
      const one = await upstreamForTest(resetAfter(0));
      const two = await upstreamForTest(neverAnswer());
      const catalog = backendForTest([one.url, two.url], { timeout: '50ms' });
      await statuses(4, () => catalog.get('/'));
      expect(one.arrivals).toHaveLength(2);
      expect(two.arrivals).toHaveLength(2);
    });

    it('do not rest because a caller cancelled while they connected', async () => {
      const hole = await blackholedUrl();
      const alive = await upstreamForTest();
      const catalog = backendForTest([hole, alive.url], { timeout: '100ms' });
      const own = new AbortController();
      const cancelled = rejection(catalog.get('/', { signal: own.signal }));
      await new Promise((later) => setImmediate(later));
      own.abort();
      await cancelled;
      expect(await statuses(2, () => catalog.get('/'))).toEqual([
        'answered',
        'failed',
      ]);
    });

    it('are reached again when they come back', async () => {
      const one = await Upstream.start();
      const { port, url } = one;
      const two = await upstreamForTest();
      const travel = { aheadMs: 0 };
      const catalog = backendForTest([url, two.url], {}, travel);
      await one.stop();
      await statuses(4, () => catalog.get('/'));
      const back = await Upstream.start(undefined, port);
      travel.aheadMs = 1001;
      await statuses(2, () => catalog.get('/'));
      expect(back.arrivals).toHaveLength(1);
      await back.stop();
    });
  });
});
