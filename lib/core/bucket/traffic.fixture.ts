import * as fc from 'fast-check';
import { BucketLimit, bucketLimit } from './bucket-limit.js';

/** One call of generated traffic. */
export interface Call {
  readonly nowMs: number;
  readonly key: string;
  readonly cost: number;
}

/** Traffic under a limit. */
export interface Traffic {
  readonly limit: BucketLimit;
  readonly calls: readonly Call[];
}

const SOME_WINDOWS_MS = [1, 250, 1_000, 60_000, 86_400_000];
const SOME_STARTS_MS = [0, 0.25, 1e6, 1e9, 1e12];

/** Ordinary limits: slow and fast, small and large. */
export const limits: fc.Arbitrary<BucketLimit> = fc
  .record({
    maxRate: fc.oneof(
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0.01, max: 20, noNaN: true }),
    ),
    everyMs: fc.constantFrom(...SOME_WINDOWS_MS),
    capacity: fc.integer({ min: 1, max: 20 }),
  })
  .map(bucketLimit);

/** Instants at which a process may have begun to count. */
export const starts: fc.Arbitrary<number> = fc.constantFrom(...SOME_STARTS_MS);

/** Costs: mostly 1, some larger than any capacity, some fractions. */
export const costs: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(1) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 25 }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 3, noNaN: true }) },
);

/** Gaps between calls in tokens' worth of time: bursts, about the rate, and long rests. */
export const gaps: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.double({ min: 0, max: 2, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 40, noNaN: true }) },
);

/** Traffic of up to `keys` clients that fits the pace of its limit. */
export function traffic(keys: number): fc.Arbitrary<Traffic> {
  const rows = fc.array(fc.tuple(gaps, costs, fc.nat(keys - 1)), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  });
  return fc.tuple(limits, starts, rows).map(([limit, startMs, rows]) => {
    let nowMs = startMs;
    const calls = rows.map(([gap, cost, key]) => {
      nowMs += gap / limit.tokensPerMs;
      return { nowMs, cost, key: `client-${key}` };
    });
    return { limit, calls };
  });
}
