import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALL_OF_IT,
  largestShare,
  largestShareOfAKey,
} from './admitted.fixture.js';
import { bucketLimit } from './bucket-limit.js';
import { BucketTable } from './bucket-table.js';
import { callsThrough, sharesOverflow } from './table-traffic.fixture.js';
import { Call, traffic } from './traffic.fixture.js';

describe('the rate limit of a bucket table', () => {
  it('holds for each key when the table has room for all', () => {
    fc.assert(
      fc.property(traffic(6), ({ limit, calls }) => {
        const admitted = callsThrough(new BucketTable(limit, 6), calls);
        const share = largestShareOfAKey(limit, admitted);
        expect(share).toBeLessThanOrEqual(ALL_OF_IT);
      }),
      { numRuns: 300 },
    );
  });

  it('holds for each key when the table is too small', () => {
    const bounds = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(traffic(12), bounds, ({ limit, calls }, maxKeys) => {
        const admitted = callsThrough(new BucketTable(limit, maxKeys), calls);
        const share = largestShareOfAKey(limit, admitted);
        expect(share).toBeLessThanOrEqual(ALL_OF_IT);
      }),
      { numRuns: 600 },
    );
  });

  it('holds for all keys together that share the overflow bucket', () => {
    const bounds = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(traffic(12), bounds, ({ limit, calls }, maxKeys) => {
        const admitted = callsThrough(new BucketTable(limit, maxKeys), calls);
        const shared = admitted.filter(({ sharedOverflow }) => sharedOverflow);
        expect(largestShare(limit, shared)).toBeLessThanOrEqual(ALL_OF_IT);
      }),
      { numRuns: 600 },
    );
  });

  it('holds for a key that moves from the overflow bucket to its own', () => {
    const limit = bucketLimit({ maxRate: 1, everyMs: 1_000, capacity: 4 });
    const table = new BucketTable(limit, 1);
    const call = (key: string, cost: number, nowMs: number): Call => ({
      key,
      cost,
      nowMs,
    });
    callsThrough(table, [call('first', 1, 0), call('newcomer', 4, 900)]);
    expect(sharesOverflow(table, 'newcomer')).toBe(true);
    // By now the first bucket is full and its place free; the overflow holds 0.2 tokens.
    expect(callsThrough(table, [call('newcomer', 1, 1_100)])).toEqual([]);
    expect(callsThrough(table, [call('newcomer', 1, 1_900)])).toHaveLength(1);
    expect(sharesOverflow(table, 'newcomer')).toBe(false);
    expect(table.levels.tokensIn(table.find('newcomer'), 1_900)).toBe(0);
  });

  it('gains nobody anything when time runs backwards', () => {
    const bounds = fc.integer({ min: 1, max: 4 });
    const jumps = fc.infiniteStream(
      fc.double({ min: -40, max: 40, noNaN: true }),
    );
    fc.assert(
      fc.property(traffic(6), bounds, jumps, (generated, maxKeys, jumps) => {
        const { limit } = generated;
        const calls = generated.calls.map((call) => ({
          ...call,
          nowMs: call.nowMs + jumps.next().value / limit.tokensPerMs,
        }));
        const instants = calls.map(({ nowMs }) => nowMs);
        const lengthMs = Math.max(...instants) - Math.min(...instants);
        const allowed = limit.capacity + lengthMs * limit.tokensPerMs;
        const admitted = callsThrough(new BucketTable(limit, maxKeys), calls);
        const sums = new Map<string, number>();
        for (const { key, cost } of admitted) {
          sums.set(key, (sums.get(key) ?? 0) + cost);
        }
        expect(Math.max(0, ...sums.values())).toBeLessThanOrEqual(
          allowed * ALL_OF_IT,
        );
      }),
    );
  });
});
