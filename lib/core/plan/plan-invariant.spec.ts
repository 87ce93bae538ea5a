import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_OF_IT, largestShareOfAKey } from '../bucket/admitted.fixture.js';
import { BucketTable } from '../bucket/bucket-table.js';
import { Buckets } from '../bucket/token-bucket.js';
import { Plan } from './plan.js';
import { TokenBucket } from '../bucket/token-bucket.js';
import { costs, gaps, limits, starts } from '../bucket/traffic.fixture.js';

interface PlanCall {
  readonly keys: string[];
  readonly costs: number[];
  readonly nowMs: number;
}

interface PlanTraffic {
  readonly plan: Plan;
  readonly calls: readonly PlanCall[];
}

const BUCKETS = 3;
const MICROSECOND_MS = 1e-3;

/** Plans of one bucket and two small tables, and calls at the pace of the first. */
const planTraffic: fc.Arbitrary<PlanTraffic> = fc
  .record({
    limits: fc.tuple(limits, limits, limits),
    startMs: starts,
    rows: fc.array(
      fc.record({
        gap: gaps,
        clients: fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }),
        costs: fc.array(costs, { minLength: 3, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 40, size: 'max' },
    ),
  })
  .map(({ limits: [a, b, c], startMs, rows }) => {
    let nowMs = startMs;
    const calls = rows.map(({ gap, clients, costs }) => {
      nowMs += gap / a.tokensPerMs;
      return { nowMs, costs, keys: clients.map((i) => `client-${i}`) };
    });
    const plan = new Plan([
      new TokenBucket(a, startMs),
      new BucketTable(b, 6),
      new BucketTable(c, 2),
    ]);
    return { plan, calls };
  });

function levels({ buckets }: Plan, { keys, nowMs }: PlanCall): number[] {
  return buckets.map((bucket, i) =>
    bucket.levels.tokensIn(bucket.find(keys[i]), nowMs),
  );
}

function waits({ buckets }: Plan, call: PlanCall, nowMs: number): number[] {
  return buckets.map((bucket, i) =>
    bucket.levels.waitMs(bucket.find(call.keys[i]), call.costs[i], nowMs),
  );
}

/** The least by which one can be early: a microsecond, a billionth of the wait, or the last place of a level. */
function momentMs({ buckets, retryAfterMs }: Plan): number {
  const lastPlaceMs = ({ limit }: Buckets) =>
    (limit.capacity * Number.EPSILON) / limit.tokensPerMs;
  return Math.max(
    MICROSECOND_MS,
    retryAfterMs * 1e-9,
    ...buckets.map(lastPlaceMs),
  );
}

describe('a plan over any buckets', () => {
  it('charges all of its buckets or none and reports the levels left', () => {
    fc.assert(
      fc.property(planTraffic, ({ plan, calls }) => {
        for (const call of calls) {
          const before = levels(plan, call);
          const admitted = plan.decide(call.keys, call.costs, call.nowMs);
          const paid = admitted ? call.costs : [0, 0, 0];
          const after = before.map((level, i) => level - paid[i]);
          expect([...plan.tokens]).toEqual(after);
          expect(levels(plan, call)).toEqual(after);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('admits exactly when each of its buckets would', () => {
    fc.assert(
      fc.property(planTraffic, ({ plan, calls }) => {
        for (const call of calls) {
          const expected = waits(plan, call, call.nowMs);
          const admitted = plan.decide(call.keys, call.costs, call.nowMs);
          expect(admitted).toBe(expected.every((waitMs) => waitMs === 0));
          expect([...plan.waitsMs]).toEqual(expected);
          expect(plan.retryAfterMs).toBe(Math.max(...expected));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('reports an exact wait: all buckets pass after it and not a moment earlier', () => {
    fc.assert(
      fc.property(planTraffic, ({ plan, calls }) => {
        for (const call of calls) {
          const { keys, costs, nowMs } = call;
          if (plan.decide(keys, costs, nowMs)) continue;
          const { retryAfterMs } = plan;
          if (retryAfterMs === Infinity) continue;
          const onTime = waits(plan, call, nowMs + retryAfterMs);
          expect(onTime).toEqual(Array(BUCKETS).fill(0));
          const earlyMs = nowMs + Math.max(0, retryAfterMs - momentMs(plan));
          expect(Math.max(...waits(plan, call, earlyMs))).toBeGreaterThan(0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keeps each of its buckets within its limit, for every key', () => {
    fc.assert(
      fc.property(planTraffic, ({ plan, calls }) => {
        const admitted = calls.filter(({ keys, costs, nowMs }) =>
          plan.decide(keys, costs, nowMs),
        );
        for (const [i, { limit }] of plan.buckets.entries()) {
          const paid = admitted.map(({ keys, costs, nowMs }) => ({
            nowMs,
            cost: costs[i],
            key: i === 0 ? '' : keys[i],
          }));
          expect(largestShareOfAKey(limit, paid)).toBeLessThanOrEqual(
            ALL_OF_IT,
          );
        }
      }),
    );
  });
});
