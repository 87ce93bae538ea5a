import { describe, expect, it } from 'vitest';
import { SaturatedBackend, seededRandom } from './saturated-backend.fixture.js';
import { VegasLimit } from './vegas-limit.js';

const BOUNDS = { initial: 20, min: 1, max: 1000 };
const MEAN_MS = 20;

/** The limit on average over some seconds, and calls served in each of them. */
function watch(backend: SaturatedBackend, limit: VegasLimit, seconds: number) {
  const servedBefore = backend.served;
  let total = 0;
  for (let i = 0; i < seconds; i++) {
    backend.run(1000, limit, (tookMs, underway, nowMs) =>
      limit.observe(tookMs, underway, false, nowMs),
    );
    total += limit.current;
  }
  const perSecond = (backend.served - servedBefore) / seconds;
  return { average: total / seconds, perSecond };
}

function start(workers: number, seed: number) {
  const random = seededRandom(seed);
  const backend = new SaturatedBackend(workers, MEAN_MS, random);
  return { backend, limit: new VegasLimit(BOUNDS, random) };
}

/**
 * With as many calls underway as it has workers, a backend under saturating
 * demand is as busy as it can be and no call waits: no fixed limit is better.
 */
const isBestFor =
  (workers: number) =>
  ({ average, perSecond }: ReturnType<typeof watch>) =>
    Math.abs(average / workers - 1) < 0.2 &&
    perSecond > 0.9 * (workers / MEAN_MS) * 1000;

describe.each([1, 2])('an adaptive limit (seed %i)', (seed) => {
  it.each([30, 50, 100])(
    'settles within 20 % of the optimum for %i workers',
    (workers) => {
      const { backend, limit } = start(workers, seed);
      watch(backend, limit, 60);
      expect(watch(backend, limit, 30)).toSatisfy(isBestFor(workers));
    },
  );

  it('follows a capacity that halves and doubles', () => {
    const { backend, limit } = start(60, seed);
    watch(backend, limit, 60);
    backend.workers = 30;
    watch(backend, limit, 40);
    expect(watch(backend, limit, 30)).toSatisfy(isBestFor(30));
    backend.workers = 60;
    watch(backend, limit, 40);
    expect(watch(backend, limit, 30)).toSatisfy(isBestFor(60));
  });

  it('distinguishes a slower backend from a queue', () => {
    const { backend, limit } = start(50, seed);
    watch(backend, limit, 60);
    backend.meanMs = 2 * MEAN_MS;
    watch(backend, limit, 120);
    const { average } = watch(backend, limit, 60);
    expect(average / 50).toBeGreaterThan(0.8);
    expect(average / 50).toBeLessThan(1.2);
  });
});

describe('an adaptive limit', () => {
  const limitOf = (options = {}) =>
    new VegasLimit({ ...BOUNDS, ...options }, () => 0.5);

  /** Ends a window of calls that all took the same. */
  function window(
    limit: VegasLimit,
    startMs: number,
    { tookMs = 10, underway = limit.current, failed = false } = {},
  ): void {
    for (let i = 1; i <= 30; i++) {
      limit.observe(tookMs, underway, failed, startMs + 100 + i * 20);
    }
  }

  it('does not grow without demand', () => {
    const limit = limitOf();
    for (let i = 0; i < 20; i++) window(limit, i * 1000, { underway: 3 });
    expect(limit.current).toBe(20);
  });

  it('falls while calls fail', () => {
    const limit = limitOf();
    for (let i = 0; i < 5; i++) window(limit, i * 1000, { failed: true });
    expect(limit.current).toBeLessThan(17);
  });

  it('stays within its bounds', () => {
    const high = limitOf({ max: 25 });
    const low = limitOf({ min: 15 });
    for (let i = 0; i < 30; i++) {
      window(high, i * 1000);
      window(low, i * 1000, { failed: true });
    }
    expect([high.current, low.current]).toEqual([25, 15]);
  });
});
