import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpenTime } from './open-time.js';

function times(openTime: OpenTime, count: number): number[] {
  return Array.from({ length: count }, () => openTime.take());
}

describe('the open time of a breaker', () => {
  it('grows with each opening in a row up to its maximum, and starts over when reset', () => {
    const growth = { factor: 2, maxMs: 5000, jitter: 0 };
    const openTime = new OpenTime(1000, growth, () => 0.9);
    expect(times(openTime, 5)).toEqual([1000, 2000, 4000, 5000, 5000]);
    openTime.reset();
    expect(times(openTime, 2)).toEqual([1000, 2000]);
  });

  it('includes up to its jitter and is never shorter than without it', () => {
    const drawn = [0, 0.5, 0.999];
    const growth = { factor: 1, maxMs: 1000, jitter: 0.2 };
    const openTime = new OpenTime(1000, growth, () => drawn.shift()!);
    expect(times(openTime, 3)).toEqual([1000, 1100, 1199.8]);
  });

  it('stays within its bounds, whatever the random draw', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
        (baseMs, factor, jitter, draws) => {
          const maxMs = baseMs * 20;
          const left = [...draws];
          const openTime = new OpenTime(baseMs, { factor, maxMs, jitter }, () =>
            left.shift()!,
          );
          for (const ms of times(openTime, draws.length)) {
            expect(ms).toBeGreaterThanOrEqual(baseMs);
            expect(ms).toBeLessThanOrEqual(maxMs + maxMs * jitter);
          }
        },
      ),
    );
  });
});
