import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_OF_IT } from './admitted.fixture.js';
import { bucketLimit } from './bucket-limit.js';
import { TokenBucket } from './token-bucket.js';
import { traffic } from './traffic.fixture.js';

const FIVE_PER_SECOND = bucketLimit({
  maxRate: 5,
  everyMs: 1_000,
  capacity: 10,
});

describe('TokenBucket', () => {
  it('starts full and admits a burst of its capacity', () => {
    const bucket = new TokenBucket(FIVE_PER_SECOND, 1_000);
    const passed = Array.from({ length: 12 }, () => bucket.tryTake(1, 1_000));
    expect(passed.filter(Boolean)).toHaveLength(10);
    expect(passed.slice(10)).toEqual([false, false]);
  });

  it('refills continuously, by fractions of a token', () => {
    const bucket = new TokenBucket(FIVE_PER_SECOND);
    bucket.tryTake(10, 0);
    expect(bucket.available(100)).toBe(0.5);
    expect(bucket.tryTake(1, 199)).toBe(false);
    expect(bucket.tryTake(1, 200)).toBe(true);
    expect(bucket.available(200)).toBe(0);
  });

  it('never stores more than its capacity', () => {
    const bucket = new TokenBucket(FIVE_PER_SECOND);
    expect(bucket.available(1e12)).toBe(10);
    bucket.tryTake(4, 1e12);
    expect(bucket.available(1e12)).toBe(6);
    expect(bucket.available(2e12)).toBe(10);
  });

  it('takes a whole cost or nothing', () => {
    const bucket = new TokenBucket(FIVE_PER_SECOND);
    expect(bucket.tryTake(7, 0)).toBe(true);
    expect(bucket.tryTake(4, 0)).toBe(false);
    expect(bucket.available(0)).toBe(3);
    expect(bucket.tryTake(3, 0)).toBe(true);
  });

  it('admits a call that costs nothing even when empty', () => {
    const bucket = new TokenBucket(FIVE_PER_SECOND);
    bucket.tryTake(10, 0);
    expect(bucket.tryTake(0, 0)).toBe(true);
    expect(bucket.available(0)).toBe(0);
  });

  it('reports the wait until a cost can pass', () => {
    const bucket = new TokenBucket(FIVE_PER_SECOND);
    expect(bucket.waitMs(10, 0)).toBe(0);
    bucket.tryTake(10, 0);
    expect(bucket.waitMs(1, 0)).toBe(200);
    expect(bucket.waitMs(1, 150)).toBe(50);
    expect(bucket.waitMs(10, 0)).toBe(2_000);
  });

  it.each([10.000001, 11, Infinity, NaN, -1, -Infinity])(
    'never admits a cost of %d and is not changed by it',
    (cost) => {
      const bucket = new TokenBucket(FIVE_PER_SECOND);
      expect(bucket.waitMs(cost, 0)).toBe(Infinity);
      expect(bucket.tryTake(cost, 0)).toBe(false);
      expect(bucket.available(0)).toBe(10);
    },
  );

  it('is not changed by a refusal, neither its level nor its refill', () => {
    fc.assert(
      fc.property(traffic(1), ({ limit, calls }) => {
        const startMs = calls[0].nowMs;
        const asked = new TokenBucket(limit, startMs);
        const pestered = new TokenBucket(limit, startMs);
        for (const { nowMs, cost } of calls) {
          const above = pestered.available(nowMs) + 0.001;
          expect(pestered.tryTake(above, nowMs)).toBe(false);
          expect(pestered.waitMs(cost, nowMs)).toBe(asked.waitMs(cost, nowMs));
          expect(pestered.tryTake(cost, nowMs)).toBe(
            asked.tryTake(cost, nowMs),
          );
          expect(pestered.available(nowMs)).toBe(asked.available(nowMs));
        }
      }),
    );
  });

  it('gains nothing when time runs backwards', () => {
    const bucket = new TokenBucket(FIVE_PER_SECOND, 5_000);
    bucket.tryTake(10, 5_000);
    expect(bucket.available(1_000)).toBe(0);
    expect(bucket.tryTake(1, 0)).toBe(false);
    expect(bucket.waitMs(1, 4_000)).toBe(1_200);
    expect(bucket.available(5_200)).toBe(1);
  });

  it('gains nothing from a charge in the past', () => {
    const bucket = new TokenBucket(FIVE_PER_SECOND, 5_000);
    bucket.tryTake(9, 5_000);
    expect(bucket.tryTake(1, 1_000)).toBe(true);
    expect(bucket.available(5_000)).toBe(0);
  });

  it('admits no more under a jumping clock than the furthest jumps allow', () => {
    fc.assert(
      fc.property(
        traffic(1),
        fc.infiniteStream(fc.double({ min: -50, max: 50, noNaN: true })),
        ({ limit, calls }, jumps) => {
          const jumping = calls.map((call) => ({
            ...call,
            nowMs: call.nowMs + jumps.next().value / limit.tokensPerMs,
          }));
          const bucket = new TokenBucket(limit, jumping[0].nowMs);
          const admitted = jumping
            .filter(({ cost, nowMs }) => bucket.tryTake(cost, nowMs))
            .reduce((sum, { cost }) => sum + cost, 0);
          const instants = jumping.map(({ nowMs }) => nowMs);
          const lengthMs = Math.max(...instants) - instants[0];
          const allowed = limit.capacity + lengthMs * limit.tokensPerMs;
          expect(admitted).toBeLessThanOrEqual(allowed * ALL_OF_IT);
        },
      ),
    );
  });
});
