import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';

const settings = { baseMs: 100, maxMs: 1000 };

describe('the backoff before a retry', () => {
  it('has an upper bound that doubles up to the maximum', () => {
    const bounds = [1, 2, 3, 4, 5, 6].map((n) => backoffMs(settings, n, 1));
    expect(bounds).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('is spread over the whole range', () => {
    const shares = [0, 0.25, 0.5].map((r) => backoffMs(settings, 2, r));
    expect(shares).toEqual([0, 50, 100]);
  });

  it('is finite and bounded after any number of retries', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (retry, random) => {
          const pause = backoffMs(settings, retry, random);
          expect(pause).toBeGreaterThanOrEqual(0);
          expect(pause).toBeLessThanOrEqual(settings.maxMs);
        },
      ),
    );
  });
});
