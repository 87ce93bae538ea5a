import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, RetryBudget } from './retries.js';

/** What happened at an instant. */
interface Event {
  readonly atMs: number;
  readonly kind: 'call' | 'retry' | 'refused';
}

const settings = fc.record({
  ratio: fc.double({ min: 0, max: 1, noNaN: true }),
  minPerSecond: fc.double({ min: 0, max: 20, noNaN: true }),
  burst: fc.integer({ min: 1, max: 20 }),
});
const traffic = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2000 })),
    isCall: fc.boolean(),
  }),
  { maxLength: 200 },
);

function run(budget: RetryBudget, steps: { gapMs: number; isCall: boolean }[]) {
  let atMs = 0;
  return steps.map(({ gapMs, isCall }): Event => {
    atMs += gapMs;
    if (!isCall) {
      return { atMs, kind: budget.withdraw(atMs) ? 'retry' : 'refused' };
    }
    budget.deposit(atMs);
    return { atMs, kind: 'call' };
  });
}

describe('a retry budget', () => {
  it('admits in any interval at most its burst, its share of the calls and its floor', () => {
    fc.assert(
      fc.property(settings, traffic, (given, steps) => {
        const events = run(new RetryBudget(given, 0), steps);
        for (let from = 0; from < events.length; from++) {
          let calls = 0;
          let retries = 0;
          for (let to = from; to < events.length; to++) {
            if (events[to].kind === 'call') calls++;
            if (events[to].kind === 'retry') retries++;
            const seconds = (events[to].atMs - events[from].atMs) / 1000;
            const most =
              given.burst + given.ratio * calls + given.minPerSecond * seconds;
            expect(retries).toBeLessThanOrEqual(most + 1e-9);
          }
        }
      }),
    );
  });

  it('refuses only when less than one retry is left', () => {
    fc.assert(
      fc.property(settings, traffic, (given, steps) => {
        const budget = new RetryBudget(given, 0);
        const events = run(budget, steps);
        const last = events.at(-1);
        if (last?.kind !== 'refused' || given.minPerSecond < 0.001) return;
        const untilOneMs = 1000 / given.minPerSecond + 1;
        expect(budget.withdraw(last.atMs + untilOneMs)).toBe(true);
      }),
    );
  });

  it('retries a fifth of steady traffic once its savings are spent', () => {
    const budget = new RetryBudget(
      { ratio: 0.2, minPerSecond: 0, burst: 10 },
      0,
    );
    let retries = 0;
    for (let i = 0; i < 1000; i++) {
      budget.deposit(i);
      if (budget.withdraw(i)) retries++;
    }
    expect(retries).toBeGreaterThanOrEqual(208);
    expect(retries).toBeLessThanOrEqual(210);
  });

  it('earns nothing while the clock runs backwards', () => {
    const budget = new RetryBudget({ ratio: 0, minPerSecond: 1, burst: 1 }, 0);
    expect(budget.withdraw(5000)).toBe(true);
    expect(budget.withdraw(0)).toBe(false);
    expect(budget.withdraw(5999)).toBe(false);
    expect(budget.withdraw(6000)).toBe(true);
  });
});

const backoff = { baseMs: 100, maxMs: 1000 };

describe('the pause before a retry', () => {
  it('has a bound that doubles up to the largest', () => {
    const bounds = [1, 2, 3, 4, 5, 6].map((n) => backoffMs(backoff, n, 1));
    expect(bounds).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('is spread over the whole of it', () => {
    const shares = [0, 0.25, 0.5].map((r) => backoffMs(backoff, 2, r));
    expect(shares).toEqual([0, 50, 100]);
  });

  it('is finite and within bounds however many retries there were', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (retry, random) => {
          const pause = backoffMs(backoff, retry, random);
          expect(pause).toBeGreaterThanOrEqual(0);
          expect(pause).toBeLessThanOrEqual(backoff.maxMs);
        },
      ),
    );
  });
});
