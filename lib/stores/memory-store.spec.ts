import { describe, expect, it } from 'vitest';
import { bucketLimit } from '../core/bucket-limit.js';
import { BucketSpec, PlannedBuckets, Verdict } from './bucket-store.js';
import { MemoryStore } from './memory-store.js';

const HOUR_MS = 3_600_000;

function spec(id: string, capacity: number, keyed = false): BucketSpec {
  const rate = { maxRate: capacity, everyMs: HOUR_MS, capacity };
  return { id, limit: bucketLimit(rate), keyed };
}

/** A store whose time stands still until it is set. */
function storeAt(maxClients = 100) {
  const time = { nowMs: 0 };
  return { time, store: new MemoryStore(() => time.nowMs, maxClients) };
}

function decide(plan: PlannedBuckets, keys: string[], costs: number[]) {
  return plan.decide(keys, costs) as Verdict;
}

describe('buckets in memory', () => {
  it('are decided at once, without a promise', () => {
    const { store } = storeAt();
    const verdict = store.plan([spec('a', 1)]).decide([''], [1]);
    expect(verdict).not.toBeInstanceOf(Promise);
  });

  it('are the same wherever a plan names their id', () => {
    const { store } = storeAt();
    const [first, second] = [1, 2].map(() => store.plan([spec('shared', 3)]));
    decide(first, [''], [2]);
    expect(decide(second, [''], [1]).tokens[0]).toBe(0);
    expect(decide(first, [''], [1]).admitted).toBe(false);
  });

  it('of different ids are apart', () => {
    const { store } = storeAt();
    decide(store.plan([spec('a', 1)]), [''], [1]);
    expect(decide(store.plan([spec('b', 1)]), [''], [1]).admitted).toBe(true);
  });

  it('of keys are apart, and only where the plan says so', () => {
    const { store } = storeAt();
    const plan = store.plan([spec('all', 3), spec('each', 1, true)]);
    expect(decide(plan, ['', 'ann'], [1, 1]).admitted).toBe(true);
    expect(decide(plan, ['', 'ann'], [1, 1]).admitted).toBe(false);
    expect(decide(plan, ['', 'ben'], [1, 1]).admitted).toBe(true);
    expect(decide(plan, ['', 'cleo'], [1, 1]).tokens[0]).toBe(0);
  });

  it('are charged together or not at all', () => {
    const { store } = storeAt();
    const plan = store.plan([spec('a', 5), spec('b', 1)]);
    decide(plan, ['', ''], [1, 1]);
    const refused = decide(plan, ['', ''], [1, 1]);
    expect(refused.admitted).toBe(false);
    expect(Array.from(refused.tokens)).toEqual([4, 0]);
    expect(refused.waitsMs[0]).toBe(0);
    expect(refused.retryAfterMs).toBe(refused.waitsMs[1]);
  });

  it('fill with the time of the clock they were given', () => {
    const { store, time } = storeAt();
    const plan = store.plan([spec('a', 1)]);
    decide(plan, [''], [1]);
    time.nowMs = decide(plan, [''], [1]).retryAfterMs;
    expect(time.nowMs).toBeCloseTo(HOUR_MS, 3);
    expect(decide(plan, [''], [1]).admitted).toBe(true);
  });

  it('never keep more clients apart than their bound, and forget none that has been charged', () => {
    const { store } = storeAt(10);
    const plan = store.plan([spec('each', 1, true)]);
    expect(decide(plan, ['greedy'], [1]).admitted).toBe(true);
    let admitted = 0;
    for (let i = 0; i < 100_000; i++) {
      if (decide(plan, [`key-${i}`], [1]).admitted) admitted++;
    }
    // Nine places of their own, and the one token of the bucket that newcomers share.
    expect(admitted).toBe(10);
    expect(decide(plan, ['greedy'], [1]).admitted).toBe(false);
  });
});
