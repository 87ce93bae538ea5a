import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_OF_IT } from './admitted.fixture.js';
import { bucketLimit } from './bucket-limit.js';
import { BucketTable } from './bucket-table.js';
import { TokenBucket } from './token-bucket.js';
import { costs, gaps, limits, starts } from './traffic.fixture.js';

const HOURLY = { maxRate: 1, everyMs: 3_600_000 };
const ten = bucketLimit({ ...HOURLY, capacity: 10 });
const thirty = bucketLimit({ ...HOURLY, capacity: 30 });

/** Calls, some of which come just after another limit was put in force. */
const changes = fc.record({
  startMs: starts,
  first: limits,
  calls: fc.array(
    fc.record({
      gap: gaps,
      cost: costs,
      limit: fc.option(limits, { freq: 4, nil: undefined }),
    }),
    { minLength: 1, maxLength: 60, size: 'max' },
  ),
});

describe('a bucket whose limit changes', () => {
  it.each([
    [0, 10, 30],
    [4, 6, 18],
    [10, 0, 0],
  ])(
    'keeps its proportion: a charge of %d leaves %d of 10, or %d of 30',
    (taken, left, scaled) => {
      const bucket = new TokenBucket(ten);
      bucket.tryTake(taken, 0);
      expect(bucket.available(0)).toBe(left);
      bucket.relimit(thirty, 0);
      expect(bucket.available(0)).toBe(scaled);
      bucket.relimit(ten, 0);
      expect(bucket.available(0)).toBe(left);
    },
  );

  it('keeps a debt in proportion', () => {
    const bucket = new TokenBucket(ten);
    bucket.adjust('', 15, 0);
    bucket.relimit(thirty, 0);
    expect(bucket.available(0)).toBe(-15);
  });

  it('refills the past at the rate that applied then', () => {
    const fast = bucketLimit({ maxRate: 10, everyMs: 1000, capacity: 10 });
    const bucket = new TokenBucket(fast);
    bucket.tryTake(10, 0);
    bucket.relimit(ten, 500);
    expect(bucket.available(500)).toBe(5);
    expect(bucket.available(1000)).toBeCloseTo(5, 2);
  });

  it('admits one full bucket plus what each limit refilled in its time, in shares of the capacity', () => {
    fc.assert(
      fc.property(changes, ({ startMs, first, calls }) => {
        const bucket = new TokenBucket(first, startMs);
        let nowMs = startMs;
        let admitted = 0;
        let allowed = 1;
        for (const { gap, cost, limit } of calls) {
          const waitMs = gap / bucket.limit.tokensPerMs;
          const beforeMs = nowMs;
          nowMs += waitMs;
          allowed += (nowMs - beforeMs) / bucket.limit.refillMs;
          if (limit) bucket.relimit(limit, nowMs);
          if (bucket.tryTake(cost, nowMs)) {
            admitted += cost / bucket.limit.capacity;
          }
        }
        expect(admitted).toBeLessThanOrEqual(allowed * ALL_OF_IT);
      }),
    );
  });

  it('follows the new limit for every key of a table, and full buckets still make room', () => {
    const quick = bucketLimit({ maxRate: 1, everyMs: 1000, capacity: 2 });
    const table = new BucketTable(ten, 3);
    const take = (key: string, cost: number, nowMs: number) => {
      const slot = table.find(key);
      if (table.levels.waitMs(slot, cost, nowMs) > 0) return false;
      table.take(slot, key, cost, nowMs);
      return true;
    };
    for (const key of ['a', 'b', 'c']) take(key, 10, 0);
    table.relimit(quick, 0);
    expect(take('a', 1, 0)).toBe(false);
    expect(take('a', 1, 1000)).toBe(true);
    // The others have been full for long, by the new rate.
    for (const key of ['d', 'e']) {
      expect(take(key, 2, 20_000)).toBe(true);
      expect(take(key, 1, 20_000)).toBe(false);
    }
    expect(table.size).toBe(3);
  });
});
