import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketLimit, BucketRate } from './bucket-limit.js';

const RATE: BucketRate = { maxRate: 100, everyMs: 60_000, capacity: 20 };

function verdictOn(rate: BucketRate): string {
  try {
    const { tokensPerMs, refillMs } = bucketLimit(rate);
    const paces = [tokensPerMs, refillMs];
    return paces.every((pace) => pace > 0 && pace < Infinity)
      ? 'usable'
      : `a pace of ${tokensPerMs}, full after ${refillMs}`;
  } catch (error) {
    return error instanceof RangeError ? 'refused' : String(error);
  }
}

describe('bucketLimit', () => {
  it('keeps the figures and computes the pace of the refill', () => {
    expect(bucketLimit(RATE)).toEqual({
      ...RATE,
      tokensPerMs: 100 / 60_000,
      refillMs: 12_000,
    });
  });

  it('accepts fractional rates and windows', () => {
    const limit = bucketLimit({ maxRate: 0.5, everyMs: 0.25, capacity: 1 });
    expect(limit.tokensPerMs).toBe(2);
    expect(limit.refillMs).toBe(0.5);
  });

  it.each(['maxRate', 'everyMs', 'capacity'] as const)(
    'rejects a %s that is not finite and positive',
    (figure) => {
      for (const value of [0, -0, -1, NaN, Infinity, -Infinity]) {
        expect(() => bucketLimit({ ...RATE, [figure]: value })).toThrow(
          new RangeError(
            `${figure} must be a finite number above 0, not ${value}`,
          ),
        );
      }
    },
  );

  it('rejects a capacity that is not an integer', () => {
    expect(() => bucketLimit({ ...RATE, capacity: 1.5 })).toThrow(
      new RangeError('capacity must be a whole number, not 1.5'),
    );
  });

  it.each([
    ['too fast', { maxRate: 1e300, everyMs: 1e-300, capacity: 1 }],
    ['too slow', { maxRate: 1e-300, everyMs: 1e300, capacity: 1 }],
    ['never full again', { maxRate: 1e-308, everyMs: 1, capacity: 1e3 }],
  ])('rejects figures beyond the precision of a double: %s', (_, rate) => {
    expect(() => bucketLimit(rate)).toThrow(RangeError);
  });

  it('returns a usable pace or throws, for any figures', () => {
    const figure = fc.double();
    fc.assert(
      fc.property(figure, figure, figure, (maxRate, everyMs, capacity) => {
        expect(['usable', 'refused']).toContain(
          verdictOn({ maxRate, everyMs, capacity }),
        );
      }),
      { numRuns: 500 },
    );
  });
});
