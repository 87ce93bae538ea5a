import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Admission,
  ALL_OF_IT,
  largestShareOfAKey,
} from '../bucket/admitted.fixture.js';
import { bucketLimit } from '../bucket/bucket-limit.js';
import { BucketTable } from '../bucket/bucket-table.js';
import { Plan } from './plan.js';
import { TokenBucket } from '../bucket/token-bucket.js';
import { gaps, limits, traffic } from '../bucket/traffic.fixture.js';

const fourASecond = bucketLimit({ maxRate: 4, everyMs: 1_000, capacity: 4 });

/** Tokens that `key` would find. */
function levelOf(table: BucketTable, key: string, nowMs: number): number {
  return table.levels.tokensIn(table.find(key), nowMs);
}

describe('settlement', () => {
  it('returns at most what was charged, however much is returned', () => {
    const bucket = new TokenBucket(fourASecond);
    const plan = new Plan([bucket]);
    plan.decide([''], [3], 0);
    plan.adjust([''], [-2], 0);
    expect(bucket.available(0)).toBe(3);
    plan.adjust([''], [-99], 0);
    expect(bucket.available(0)).toBe(4);
  });

  it('leaves a debt of at most one capacity, which refills first', () => {
    const bucket = new TokenBucket(fourASecond);
    const plan = new Plan([bucket]);
    plan.decide([''], [1], 0);
    plan.adjust([''], [99], 0);
    expect(bucket.available(0)).toBe(-4);
    expect(plan.decide([''], [1], 0)).toBe(false);
    expect(plan.retryAfterMs).toBeCloseTo(1_250, 6);
    expect(plan.decide([''], [1], 1_250)).toBe(true);
  });

  it('does not change the last decision', () => {
    const plan = new Plan([new TokenBucket(fourASecond)]);
    plan.decide([''], [1], 0);
    plan.adjust([''], [2], 0);
    expect([plan.admitted, plan.tokens[0]]).toEqual([true, 3]);
  });

  it('touches only buckets with something to settle', () => {
    const [one, other] = [1, 2].map(() => new TokenBucket(fourASecond));
    new Plan([one, other]).adjust(['', ''], [2, 0], 0);
    expect([one.available(0), other.available(0)]).toEqual([2, 4]);
  });

  it('returns nothing to an evicted key, whose bucket was full', () => {
    const table = new BucketTable(fourASecond, 1);
    const plan = new Plan([table]);
    plan.decide(['ann'], [1], 0);
    plan.decide(['ben'], [4], 5_000);
    expect(table.size).toBe(1);
    plan.adjust(['ann'], [-1], 5_000);
    expect(levelOf(table, 'ben', 5_000)).toBe(0);
    expect(levelOf(table, 'ann', 5_000)).toBe(4);
  });

  it('looks an evicted key up again for a surcharge', () => {
    const table = new BucketTable(fourASecond, 1);
    const plan = new Plan([table]);
    plan.decide(['ann'], [1], 0);
    plan.decide(['ben'], [1], 5_000);
    plan.adjust(['ann'], [6], 10_000);
    expect(levelOf(table, 'ann', 10_000)).toBe(-2);
    expect(plan.decide(['ann'], [1], 10_000)).toBe(false);
  });

  it('charges the shared overflow bucket when there is no room', () => {
    const table = new BucketTable(fourASecond, 1);
    const plan = new Plan([table]);
    plan.decide(['ann'], [4], 0);
    plan.adjust(['ben'], [3], 0);
    expect(levelOf(table, 'cleo', 0)).toBe(1);
  });

  it('never lets a bucket in debt be evicted, however long the debt lasts', () => {
    const table = new BucketTable(fourASecond, 2);
    const plan = new Plan([table]);
    plan.decide(['ann'], [4], 0);
    plan.adjust(['ann'], [99], 0);
    for (let nowMs = 10; nowMs < 1_990; nowMs += 10) {
      plan.decide([`other-${nowMs}`], [1], nowMs);
      expect(levelOf(table, 'ann', nowMs)).toBeCloseTo(nowMs / 250 - 4, 6);
    }
  });

  it('keeps what was admitted and not returned within the limit for every key, even after eviction', () => {
    const bounds = fc.integer({ min: 1, max: 6 });
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 60,
      maxLength: 60,
    });
    fc.assert(
      fc.property(traffic(8), bounds, shares, ({ limit, calls }, n, kept) => {
        const plan = new Plan([new BucketTable(limit, n)]);
        const settled: (Admission & { key: string })[] = [];
        let owed: (() => void) | undefined;
        calls.forEach(({ key, cost, nowMs }, i) => {
          if (plan.decide([key], [cost], nowMs)) {
            settled.push({ key, cost, nowMs });
          }
          owed?.();
          const delta = plan.admitted ? -cost * kept[i] : 0;
          const later = calls[i + 1]?.nowMs ?? nowMs;
          owed = () => {
            plan.adjust([key], [delta], later);
            settled.push({ key, cost: delta, nowMs: later });
          };
        });
        expect(largestShareOfAKey(limit, settled)).toBeLessThanOrEqual(
          ALL_OF_IT,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('moves a level by exactly what was settled, within one capacity of zero', () => {
    const deltas = fc.double({ min: -50, max: 50, noNaN: true });
    const rows = fc.array(fc.tuple(gaps, deltas, fc.nat(3)), { maxLength: 40 });
    fc.assert(
      fc.property(limits, rows, (limit, rows) => {
        const table = new BucketTable(limit, 4);
        const plan = new Plan([table]);
        let nowMs = 0;
        for (const [gap, delta, client] of rows) {
          nowMs += gap / limit.tokensPerMs;
          const key = `client-${client}`;
          const before = levelOf(table, key, nowMs);
          plan.adjust([key], [delta], nowMs);
          const { capacity } = limit;
          const expected = Math.min(
            capacity,
            Math.max(-capacity, before - delta),
          );
          expect(levelOf(table, key, nowMs)).toBeCloseTo(expected, 9);
        }
      }),
    );
  });
});
