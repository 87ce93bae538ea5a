import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { spec } from '../../bucket-store.fixture.js';
import { BucketSpec } from '../../bucket-store.js';
import { closed } from '../outage/fallback.js';
import { Batches } from '../plan/batches.js';
import { BucketKeys } from '../plan/bucket-keys.js';
import { AnyPendingPlan } from '../plan/pending-plan.js';
import { RedisPlan } from '../plan/redis-plan.js';
import { Leases } from './leases.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const LIFE_MS = 100;
const MOST_ACCOUNTS = 50;

describe('the leases of an instance', () => {
  let asked: AnyPendingPlan[];
  let leases: Leases;
  beforeEach(() => {
    vi.useFakeTimers();
    asked = [];
    leases = new Leases(
      { share: 0.5, life: LIFE_MS },
      () => Date.now(),
      MOST_ACCOUNTS,
    );
  });
  afterEach(() => vi.useRealTimers());

  /** Redis, with enough for everyone. */
  const take = (pending: AnyPendingPlan) => {
    asked.push(pending);
    const units = pending.requests;
    queueMicrotask(() => pending.end({ units, tokens: [7, 7] }));
    return true;
  };

  function planOf(...specs: BucketSpec[]) {
    const keys = specs.map(
      (one) => new BucketKeys({ prefix: 'test', isCluster: false }, one),
    );
    const batches = { take } as Partial<Batches> as Batches;
    const plan = new RedisPlan(specs, keys, batches, closed.plan(specs));
    return leases.of(plan, specs);
  }

  it('decide covered requests synchronously and without allocation', async () => {
    const plan = planOf(spec('hot', 100), spec('each', 100, true));
    const decide = () => plan.decide(['', 'ann'], [1, 1]);
    for (let wave = 0; wave < 2; wave++) {
      await Promise.all(Array.from({ length: 10 }, decide));
    }
    const trips = asked.length;
    const leased = decide();
    expect(leased).toMatchObject({ admitted: true, tokens: [7, 7] });
    expect(decide()).toBe(leased);
    expect(asked).toHaveLength(trips);
  });

  it('are separate for each combination of keys in a plan, whatever they contain', async () => {
    const plan = planOf(spec('one', 100, true), spec('other', 100, true));
    const callers = [
      ['1:a', 'b'],
      ['1:a1', 'b'],
      ['a', '1:b'],
      ['', '1:a1:b'],
    ];
    for (const keys of callers) await plan.decide(keys, [1, 1]);
    expect(asked.map(({ clients }) => clients)).toEqual(callers);
  });

  it('are of a bounded number of clients at a time, in all plans; those of others are decided by Redis', async () => {
    const plans = [planOf(spec('a', 100, true)), planOf(spec('b', 100, true))];
    const decide = (plan: number, key: string) =>
      plans[plan].decide([key], [1]);
    for (let i = 0; i < 2 * MOST_ACCOUNTS; i++) await decide(i % 2, `${i}`);
    // Each of these is a client whose leases would be taken in batches.
    for (let wave = 0; wave < 2; wave++) {
      await Promise.all(Array.from({ length: 10 }, () => decide(0, '0')));
    }
    expect(decide(0, '0')).not.toBeInstanceOf(Promise);
    asked = [];
    for (let wave = 0; wave < 3; wave++) {
      await Promise.all(Array.from({ length: 10 }, () => decide(1, '99')));
    }
    expect(asked.map(({ requests }) => requests)).toEqual(Array(30).fill(1));
    // Who stays away makes room.
    await vi.advanceTimersByTimeAsync(10 * LIFE_MS);
    for (let wave = 0; wave < 2; wave++) {
      await Promise.all(Array.from({ length: 10 }, () => decide(1, '99')));
    }
    expect(decide(1, '99')).not.toBeInstanceOf(Promise);
  });

  it('are returned when they expire, and the plan is released', async () => {
    let plan: object | undefined = planOf(spec('replaced', 100));
    const ask = (one: object) =>
      (one as ReturnType<typeof planOf>).decide([''], [1]);
    await Promise.all([1, 2, 3].map(() => ask(plan!)));
    const replaced = new WeakRef(plan);
    plan = undefined;
    await vi.advanceTimersByTimeAsync(10 * LIFE_MS);
    expect(asked.at(-1)).toMatchObject({ requests: 0, amounts: [-1] });
    asked = [];
    vi.useRealTimers();
    await new Promise(setImmediate);
    collectGarbage();
    expect(replaced.deref()).toBeUndefined();
  });
});
