import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DecisionBudget, TimedWait } from './decision-budget.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const BUDGET_MS = 50;

class Question implements TimedWait {
  isSettled = false;
  isExpired = false;

  expire(): void {
    this.isSettled = true;
    this.isExpired = true;
  }
}

describe('DecisionBudget', () => {
  let budget: DecisionBudget;
  beforeEach(() => {
    vi.useFakeTimers();
    budget = new DecisionBudget(BUDGET_MS, () => Date.now());
  });
  afterEach(() => vi.useRealTimers());

  function ask(): Question {
    const question = new Question();
    budget.watch(question, Date.now());
    return question;
  }

  it('ends every request that waits for that long, and none that was answered', async () => {
    const [first, answered] = [ask(), ask()];
    answered.isSettled = true;
    await vi.advanceTimersByTimeAsync(BUDGET_MS / 2);
    const second = ask();
    await vi.advanceTimersByTimeAsync(BUDGET_MS / 2 + 1);
    const expired = () => [first, answered, second].map((one) => one.isExpired);
    expect(expired()).toEqual([true, false, false]);
    await vi.advanceTimersByTimeAsync(BUDGET_MS / 2);
    expect(expired()).toEqual([true, false, true]);
  });

  it('keeps timing later requests when all earlier ones were answered', async () => {
    ask().isSettled = true;
    await vi.advanceTimersByTimeAsync(BUDGET_MS / 2);
    const later = ask();
    await vi.advanceTimersByTimeAsync(BUDGET_MS - 1);
    expect(later.isExpired).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(later.isExpired).toBe(true);
  });

  it('retains neither a request nor its answer long after it was answered', async () => {
    const answered = new WeakRef(ask());
    answered.deref()!.isSettled = true;
    ask();
    vi.useRealTimers();
    await new Promise(setImmediate);
    collectGarbage();
    expect(answered.deref()).toBeUndefined();
  });
});
