import { describe, expect, it } from 'vitest';
import { backendLimit } from '../../config/schema/backend-limit.schema.js';
import type { BucketStore, Verdict } from '../../stores/bucket-store.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { CallPlans } from './call-plans.js';
import type { CallPlan } from './call-plans.js';

const limitOf = (text: string) => backendLimit.parse(text);

function plansOf(own?: string) {
  const time = { nowMs: 0 };
  const store = new MemoryStore(() => time.nowMs, 10);
  const plans = new CallPlans('catalog', own ? limitOf(own) : undefined, store);
  return { plans, time };
}

/** How many calls a plan lets through, of so many. */
function passed(plan: CallPlan | undefined, attempts: number): number {
  let count = 0;
  for (let i = 0; i < attempts; i++) {
    // The next decision fills the same verdict anew.
    if ((plan!.decide() as Verdict).admitted) count++;
  }
  return count;
}

describe('the plans of a backend', () => {
  it('are none where nothing limits its calls', () => {
    expect(plansOf().plans.running()).toBeUndefined();
  });

  it('share its own bucket, and have one of their own each', () => {
    const { plans } = plansOf('5/1h');
    const nightly = plans.named('nightly', limitOf('2/1h'));
    const daily = plans.named('daily', limitOf('9/1h'));
    expect(passed(nightly, 5)).toBe(2);
    expect(passed(daily, 9)).toBe(3);
    expect(passed(plans.running(), 5)).toBe(0);
  });

  it('are one for each name, and have one limit', () => {
    const { plans } = plansOf();
    const nightly = plans.named('nightly', limitOf('2/1h'));
    expect(plans.named('nightly', limitOf('2/1h'))).toBe(nightly);
    expect(() => plans.named('nightly', limitOf('3/1h'))).toThrow(
      /entry "nightly" of "catalog"/,
    );
  });

  it('follow another limit of the backend, and keep what was spent', () => {
    const { plans } = plansOf('2/1h');
    const nightly = plans.named('nightly', limitOf('9/1h'));
    expect(passed(nightly, 9)).toBe(2);
    plans.change(limitOf('4/1h'), 1);
    expect(passed(nightly, 9)).toBe(0);
    plans.change(undefined, 2);
    expect(passed(nightly, 9)).toBe(7);
    expect(plans.running()).toBeUndefined();
  });
});

describe('a look at a plan', () => {
  it('tells what the next call would be told, and takes nothing', () => {
    const { plans } = plansOf('1/1h');
    const plan = plans.running()!;
    for (let i = 0; i < 5; i++) expect(plan.peek()?.admitted).toBe(true);
    expect(passed(plan, 2)).toBe(1);
    expect(plan.peek()?.admitted).toBe(false);
  });

  it('tells nothing where a store elsewhere decides', () => {
    const decide = () => Promise.resolve({ admitted: true } as Verdict);
    const store: BucketStore = {
      isLocal: false,
      plan: () => ({ decide, adjust: () => {} }),
    };
    const plans = new CallPlans('catalog', limitOf('1/1h'), store);
    expect(plans.running()?.peek()).toBeUndefined();
  });
});
