import { describe, expect, it } from 'vitest';
import { bucketLimit } from '../../../core/bucket/bucket-limit.js';
import { AskedBuckets, PendingPlan } from './pending-plan.js';
import { PlanKinds } from './plan-batch.js';

const wide = bucketLimit({ maxRate: 1000, everyMs: 1000, capacity: 9 });
const narrow = bucketLimit({ maxRate: 2000, everyMs: 1000, capacity: 3 });

const buckets = (limits: AskedBuckets['limits']): AskedBuckets => ({
  keys: [],
  limits,
});
const errand = (
  asked: AskedBuckets,
  amounts: readonly number[],
  requests = 1,
) => new PendingPlan(asked, [], amounts, requests, () => {});

describe('the kinds of plans in a batch', () => {
  const both = buckets([wide, narrow]);
  const other = buckets([narrow]);

  it('are listed once each, whichever plan comes in between', () => {
    const kinds = new PlanKinds();
    const places = [
      errand(both, [1, 2]),
      errand(other, [1]),
      errand(both, [1, 2]),
      errand(other, [1]),
    ].map((one) => kinds.placeOf(one));
    expect(places).toEqual([3, 11, 3, 11]);
    expect(kinds.figures).toEqual([2, 1, 9, 1, 1, 3, 2, 2, 1, 1, 3, 2, 1]);
  });

  it('differ by cost and by the number of requests', () => {
    const kinds = new PlanKinds();
    const places = [
      errand(other, [1]),
      errand(other, [2]),
      errand(other, [1], 7),
      errand(other, [1], 0),
    ].map((one) => kinds.placeOf(one));
    expect(new Set(places).size).toBe(4);
  });

  it('cost infinity when no wait would help, except for adjustments', () => {
    const costOf = (amount: number, requests: number) => {
      const kinds = new PlanKinds();
      kinds.placeOf(errand(other, [amount], requests));
      return kinds.figures.at(-1);
    };
    expect([3, 4, -1, NaN].map((amount) => costOf(amount, 1))).toEqual([
      3,
      Infinity,
      Infinity,
      Infinity,
    ]);
    expect(costOf(-4, 0)).toBe(-4);
  });
});
