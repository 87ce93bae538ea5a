import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketLimit, bucketLimit } from './bucket-limit.js';
import { TokenBucket } from './token-bucket.js';
import { limits, traffic } from './traffic.fixture.js';

const MICROSECOND_MS = 1e-3;

/** The least by which a caller can be early: a microsecond, a billionth of the wait, or the last place of the level. */
function momentMs(limit: BucketLimit, waitMs: number): number {
  const lastPlace = limit.capacity * Number.EPSILON;
  return Math.max(MICROSECOND_MS, waitMs * 1e-9, lastPlace / limit.tokensPerMs);
}

/** Whether `cost` passes after the wait that the bucket tells, and is refused a moment earlier. */
function verdictOnWait(bucket: TokenBucket, cost: number, nowMs: number) {
  const waitMs = bucket.waitMs(cost, nowMs);
  if (bucket.waitMs(cost, nowMs + waitMs) > 0) return 'too short';
  const earlyMs = Math.max(0, waitMs - momentMs(bucket.limit, waitMs));
  const passesEarly = bucket.waitMs(cost, nowMs + earlyMs) === 0;
  return passesEarly && waitMs > 0 ? 'too long' : 'exact';
}

describe('the wait of a token bucket', () => {
  it('is exact: the call passes after it and not a moment earlier', () => {
    fc.assert(
      fc.property(traffic(1), ({ limit, calls }) => {
        const bucket = new TokenBucket(limit, calls[0].nowMs);
        for (const { cost, nowMs } of calls) {
          const possible = Math.min(cost, limit.capacity);
          expect(verdictOnWait(bucket, possible, nowMs)).toBe('exact');
          bucket.tryTake(cost, nowMs);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is exact after the process has run for a year or decades', () => {
    const uptimes = fc.double({ min: 1e9, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(limits, uptimes, fc.nat(1_000), (limit, nowMs, share) => {
        const bucket = new TokenBucket(limit, nowMs);
        bucket.tryTake(limit.capacity, nowMs);
        const cost = (limit.capacity * (share + 1)) / 1_001;
        expect(verdictOnWait(bucket, cost, nowMs)).toBe('exact');
      }),
      { numRuns: 1_000 },
    );
  });

  it('is exact at rates of one token in centuries', () => {
    const tiny = fc
      .record({
        maxRate: fc.double({ min: 1e-12, max: 1e-3, noNaN: true }),
        everyMs: fc.constantFrom(1_000, 86_400_000),
        capacity: fc.integer({ min: 1, max: 1_000 }),
      })
      .map(bucketLimit);
    const uptimes = fc.double({ min: 0, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(tiny, uptimes, fc.nat(999), (limit, nowMs, share) => {
        const bucket = new TokenBucket(limit, nowMs);
        bucket.tryTake(limit.capacity, nowMs);
        const cost = (limit.capacity * (share + 1)) / 1_000;
        expect(verdictOnWait(bucket, cost, nowMs)).toBe('exact');
      }),
      { numRuns: 1_000 },
    );
  });

  it('is finite for any clock and cost', () => {
    const anyTime = fc.double({ min: -1e15, max: 1e15, noNaN: true });
    const anyCost = fc.double({ min: 0, max: 20, noNaN: true });
    fc.assert(
      fc.property(limits, anyTime, anyTime, anyCost, (limit, a, b, cost) => {
        const bucket = new TokenBucket(limit, a);
        bucket.tryTake(limit.capacity, a);
        const nowMs = Math.min(a, b);
        const waitMs = bucket.waitMs(cost, nowMs);
        expect(waitMs === Infinity).toBe(cost > limit.capacity);
        expect(bucket.tryTake(cost, nowMs + waitMs)).toBe(
          cost <= limit.capacity,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [Number.MIN_VALUE, 0],
    [1e-310, 0],
    [1e-20, 0],
    [4e-56, -74_193],
    [1e-150, -0.25],
  ])('is finite for a cost of %d and a clock at %d', (cost, nowMs) => {
    const limit = bucketLimit({ maxRate: 5, everyMs: 1e-3, capacity: 1 });
    const bucket = new TokenBucket(limit, 0);
    bucket.tryTake(1, 0);
    const waitMs = bucket.waitMs(cost, nowMs);
    expect(waitMs).toBeGreaterThan(0);
    expect(bucket.tryTake(cost, nowMs + waitMs)).toBe(true);
  });
});
