import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyDigest } from './latency-digest.js';

function digestOf(times: number[]): LatencyDigest {
  const digest = new LatencyDigest();
  for (const tookMs of times) digest.record(tookMs);
  return digest;
}

describe('LatencyDigest', () => {
  it('knows a quantile to within a quarter of an octave', () => {
    const times = fc.array(fc.double({ min: 1, max: 60_000, noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    const shares = fc.constantFrom(0.5, 0.75, 0.9, 0.95, 0.99);
    fc.assert(
      fc.property(times, shares, (tookMs, share) => {
        const sorted = tookMs.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(share * sorted.length) - 1];
        const told = digestOf(tookMs).quantileMs(share);
        expect(told).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
        expect(told).toBeLessThanOrEqual(exact * 2 ** 0.25 * (1 + 1e-9));
      }),
    );
  });

  it('lets the past fade, so that it reports what has been true for long', () => {
    const digest = digestOf(Array.from({ length: 5000 }, () => 1000));
    for (let i = 0; i < 3000; i++) digest.record(10);
    expect(digest.quantileMs(0.8)).toBeLessThan(12);
  });

  it('reports nothing before it has any data', () => {
    expect(new LatencyDigest().quantileMs(0.95)).toBe(0);
  });

  it('accepts any duration a clock may report', () => {
    const digest = digestOf([0, -1, NaN, 0.001, 1e12]);
    expect(digest.count).toBe(5);
    expect(digest.quantileMs(0.5)).toBe(1);
  });
});
