import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_OF_IT, largestShare } from './admitted.fixture.js';
import { TokenBucket } from './token-bucket.js';
import { traffic } from './traffic.fixture.js';

describe('the rate limit of a token bucket', () => {
  it('admits at most its capacity plus its refill in any interval', () => {
    fc.assert(
      fc.property(traffic(1), ({ limit, calls }) => {
        const bucket = new TokenBucket(limit, calls[0].nowMs);
        const admitted = calls.filter(({ cost, nowMs }) =>
          bucket.tryTake(cost, nowMs),
        );
        expect(largestShare(limit, admitted)).toBeLessThanOrEqual(ALL_OF_IT);
      }),
      { numRuns: 400 },
    );
  });

  it('holds for a caller that returns the moment it may', () => {
    fc.assert(
      fc.property(traffic(1), ({ limit, calls }) => {
        let nowMs = calls[0].nowMs;
        const bucket = new TokenBucket(limit, nowMs);
        const admitted = [];
        for (const { cost } of calls) {
          const waitMs = bucket.waitMs(cost, nowMs);
          if (waitMs === Infinity) continue;
          nowMs += waitMs;
          if (bucket.tryTake(cost, nowMs)) admitted.push({ nowMs, cost });
        }
        expect(largestShare(limit, admitted)).toBeLessThanOrEqual(ALL_OF_IT);
      }),
      { numRuns: 400 },
    );
  });
});
