import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketLimit, bucketLimit } from './bucket-limit.js';
import { BucketTable } from './bucket-table.js';
import { callTable, sharesOverflow } from './table-traffic.fixture.js';
import { Call, traffic } from './traffic.fixture.js';

const ONE_PER_SECOND = bucketLimit({
  maxRate: 1,
  everyMs: 1_000,
  capacity: 1,
});

/** A full bucket may be noticed so much later. */
function noticedWithinMs(limit: BucketLimit): number {
  return limit.refillMs / 250;
}

function charge(table: BucketTable, key: string, cost: number, nowMs: number) {
  return callTable(table, { key, cost, nowMs });
}

/** The level of each key that has a bucket of its own. */
function levels(table: BucketTable, calls: readonly Call[], nowMs: number) {
  const keys = new Set(calls.map(({ key }) => key));
  return [...keys]
    .filter((key) => !sharesOverflow(table, key))
    .map(
      (key) => [key, table.levels.tokensIn(table.find(key), nowMs)] as const,
    );
}

describe('a bounded bucket table', () => {
  const bounds = fc.integer({ min: 1, max: 5 });

  it('never holds more keys than its bound', () => {
    fc.assert(
      fc.property(traffic(20), bounds, ({ limit, calls }, maxKeys) => {
        const table = new BucketTable(limit, maxKeys);
        for (const call of calls) {
          callTable(table, call);
          expect(table.size).toBeLessThanOrEqual(maxKeys);
          expect(levels(table, calls, call.nowMs)).toHaveLength(table.size);
        }
      }),
    );
  });

  it('evicts only full buckets', () => {
    fc.assert(
      fc.property(traffic(20), bounds, ({ limit, calls }, maxKeys) => {
        const table = new BucketTable(limit, maxKeys);
        for (const call of calls) {
          const before = levels(table, calls, call.nowMs);
          callTable(table, call);
          const forgotten = before
            .filter(([key]) => sharesOverflow(table, key))
            .map(([, level]) => level);
          expect(forgotten).toEqual(forgotten.map(() => limit.capacity));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives a new key the slot of the only full bucket', () => {
    const limit = bucketLimit({ maxRate: 5, everyMs: 1_000, capacity: 4 });
    const sizes = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(3), (maxKeys, nth, early) => {
        const table = new BucketTable(limit, maxKeys);
        const full = `client-${nth % maxKeys}`;
        for (let i = 0; i < maxKeys; i++) charge(table, `client-${i}`, 1, 0);
        const nowMs = 200 + noticedWithinMs(limit);
        for (let i = 0; i < maxKeys; i++) {
          const key = `client-${i}`;
          if (key !== full) charge(table, key, 3, (nowMs * early) / 3);
        }
        charge(table, 'newcomer', 1, nowMs);
        expect(sharesOverflow(table, 'newcomer')).toBe(false);
        expect(sharesOverflow(table, full)).toBe(true);
        charge(table, 'next', 1, nowMs);
        expect(sharesOverflow(table, 'next')).toBe(true);
        expect(table.size).toBe(maxKeys);
      }),
    );
  });

  it('gives a slot to as many new keys as there are full buckets, whenever they come', () => {
    const lags = fc.double({ min: 0, max: 3, noNaN: true });
    const sizes = fc.integer({ min: 1, max: 60 });
    const spread = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(lags, sizes, spread, (lag, maxKeys, spread) => {
        const table = new BucketTable(ONE_PER_SECOND, maxKeys);
        const { refillMs } = ONE_PER_SECOND;
        const chargedAt = (i: number) => (refillMs * spread * i) / maxKeys;
        for (let i = 0; i < maxKeys; i++) {
          charge(table, `old-${i}`, 1, chargedAt(i));
        }
        const nowMs =
          chargedAt(maxKeys - 1) +
          lag * refillMs +
          noticedWithinMs(ONE_PER_SECOND);
        const lastFullMs = nowMs - refillMs - noticedWithinMs(ONE_PER_SECOND);
        for (let i = 0; i < maxKeys && chargedAt(i) <= lastFullMs; i++) {
          charge(table, `new-${i}`, 1, nowMs);
          expect(sharesOverflow(table, `new-${i}`)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives the first new keys a slot, however many buckets have refilled meanwhile', () => {
    const maxKeys = 10_000;
    const table = new BucketTable(ONE_PER_SECOND, maxKeys);
    for (let i = 0; i < maxKeys; i++) charge(table, `old-${i}`, 1, 0);
    const nowMs = 2_000;
    for (let i = 0; i < maxKeys; i++) {
      charge(table, `new-${i}`, 1, nowMs);
      expect(sharesOverflow(table, `new-${i}`)).toBe(false);
    }
  });

  it('lets new keys share one bucket while no other bucket is full', () => {
    const table = new BucketTable(ONE_PER_SECOND, 100);
    for (let i = 0; i < 100; i++) charge(table, `old-${i}`, 1, 0);
    const passed = Array.from({ length: 10_000 }, (_, i) =>
      charge(table, `new-${i}`, 1, i / 20),
    ).filter((admission) => admission !== undefined);
    expect(passed.map(({ nowMs }) => nowMs)).toEqual([0]);
    expect(table.size).toBe(100);
  });

  it('works with limits that refill within nanoseconds, even after years', () => {
    const limit = bucketLimit({ maxRate: 1e9, everyMs: 1_000, capacity: 1 });
    for (const startMs of [0, 1e9, 1e11, 1e12]) {
      const table = new BucketTable(limit, 2);
      for (let i = 0; i < 1_000; i++) {
        charge(table, `client-${i}`, 1, startMs + i);
        expect(sharesOverflow(table, `client-${i}`)).toBe(false);
      }
      expect(table.size).toBeLessThanOrEqual(2);
    }
  });
});
