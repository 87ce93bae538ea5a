import { describe, expect, it } from 'vitest';
import { bucketLimit } from '../core/bucket/bucket-limit.js';
import { HandClock, itIsAStore, spec } from './bucket-store.fixture.js';
import { BucketsInMemory, MemoryStore } from './memory-store.js';

describe('MemoryStore', () => {
  const clock: HandClock = { nowMs: 0 };
  const open = (maxClients = 100) =>
    new MemoryStore(() => clock.nowMs, maxClients);
  const store = open();

  itIsAStore(() => store, clock);

  it('decides and settles synchronously, without a promise', () => {
    const plan = open().plan([spec('a', 1)]);
    expect(plan.decide([''], [1])).not.toBeInstanceOf(Promise);
    expect(plan.adjust([''], [-1])).toBeUndefined();
  });

  it('tracks at most half of its bound for one limit, and keeps every client that has been charged', () => {
    const plan = open(20).plan([spec('each', 1, true)]);
    const passes = (key: string) => plan.decide([key], [1]).admitted;
    expect(passes('greedy')).toBe(true);
    let admitted = 0;
    for (let i = 0; i < 100_000; i++) if (passes(`key-${i}`)) admitted++;
    // Nine places of their own, and the one token of the bucket that newcomers share.
    expect(admitted).toBe(10);
    expect(passes('greedy')).toBe(false);
  });

  it('has one bound for the clients of all limits', () => {
    const store = open(1_000);
    const asked = (id: string) => {
      const plan = store.plan([spec(id, 1, true)]);
      let admitted = 0;
      for (let i = 0; i < 5_000; i++) {
        if (plan.decide([`key-${i}`], [1]).admitted) admitted++;
      }
      return admitted;
    };
    const admitted = Array.from({ length: 100 }, (_, i) => asked(`limit-${i}`));
    // Each limit has one token more, that of the bucket which newcomers share.
    const clients = admitted.map((count) => count - 1);
    const all = clients.reduce((sum, count) => sum + count);
    expect(all).toBeLessThanOrEqual(1_000);
    // A flood on one limit is none on the next.
    expect(clients.slice(0, 5)).toEqual([500, 250, 125, 63, 31]);
  });

  it('keeps no buckets of a plan that never comes in force', () => {
    const store = open();
    store.plan([spec('all', 5), spec('each', 5, true)]);
    const plan = store.plan([spec('all', 2), spec('each', 2, true)]);
    const { tokens } = plan.decide(['', 'ann'], [1, 1]);
    expect(Array.from(tokens)).toEqual([1, 1]);
  });

  it('changes no bucket that others draw from before a plan comes in force', () => {
    const store = open();
    const before = store.plan([spec('all', 4)]);
    before.decide([''], [2]);
    store.plan([{ ...spec('all', 40), edition: 1 }]);
    expect(tokensOf(before, 'all')).toBe(2);
  });

  it.each([
    ['one for all', false],
    ['one for each client', true],
  ])(
    'changes the limit of a bucket that another plan has made meanwhile, %s, and forgets nothing of it',
    (_, keyed) => {
      const store = open();
      const next = store.plan([{ ...spec('one', 40, keyed), edition: 1 }]);
      // The first request under the limits before comes while the update is being prepared.
      const before = store.plan([spec('one', 4, keyed)]);
      before.decide(['ann'], [3]);
      next.activate?.();
      expect(tokensOf(before, 'ann')).toBe(10);
      expect(tokensOf(next, 'ann')).toBe(10);
      next.decide(['ann'], [10]);
      expect(tokensOf(before, 'ann')).toBe(0);
    },
  );

  it('takes a bucket as it is where a later plan has changed its limit already', () => {
    const store = open();
    const late = store.plan([{ ...spec('all', 4), edition: 1 }]);
    const next = store.plan([{ ...spec('all', 8), edition: 2 }]);
    next.activate?.();
    late.activate?.();
    expect(tokensOf(late, '')).toBe(8);
  });

  it('has another bucket where a limit for all becomes one for each client', () => {
    const store = open();
    const limit = bucketLimit({ maxRate: 1, everyMs: 1_000, capacity: 1 });
    const all = store.plan([{ id: 'a', limit, keyed: false }]);
    expect(all.decide([''], [1]).admitted).toBe(true);
    const each = store.plan([{ id: 'a', limit, keyed: true, edition: 1 }]);
    expect(each.decide(['ann'], [1]).admitted).toBe(true);
    expect(each.decide(['ben'], [1]).admitted).toBe(true);
    expect(each.decide(['ann'], [1]).admitted).toBe(false);
  });
});

function tokensOf(plan: BucketsInMemory, key: string): number {
  return plan.decide([key], [0]).tokens[0];
}
