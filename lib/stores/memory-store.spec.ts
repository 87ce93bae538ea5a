import { describe, expect, it } from 'vitest';
import { HandClock, itIsAStore, spec } from './bucket-store.fixture.js';
import { Verdict } from './bucket-store.js';
import { MemoryStore } from './memory-store.js';

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

  it('never tracks more clients than its bound, and keeps every one that has been charged', () => {
    const plan = open(10).plan([spec('each', 1, true)]);
    const passes = (key: string) =>
      (plan.decide([key], [1]) as Verdict).admitted;
    expect(passes('greedy')).toBe(true);
    let admitted = 0;
    for (let i = 0; i < 100_000; i++) if (passes(`key-${i}`)) admitted++;
    // Nine places of their own, and the one token of the bucket that newcomers share.
    expect(admitted).toBe(10);
    expect(passes('greedy')).toBe(false);
  });
});
