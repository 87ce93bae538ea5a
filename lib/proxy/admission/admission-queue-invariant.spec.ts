import { CanceledError } from 'axios';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ALL_OF_IT, largestShare } from '../../core/bucket/admitted.fixture.js';
import { bucketLimit } from '../../core/bucket/bucket-limit.js';
import { CallSignal } from '../attempt/call-signal.js';
import {
  admissionInVirtualTime,
  passed,
  virtualTime,
} from './admission.fixture.js';

interface Caller {
  /** After the one before it. */
  readonly gapMs: number;
  readonly priority: number;
  readonly budgetMs: number;
  /** When it hangs up; most never do. */
  readonly leavesMs: number;
  /** How long its call takes. */
  readonly takesMs: number;
}

const callers: fc.Arbitrary<Caller[]> = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
    priority: fc.constantFrom(0, 0, 0, 1, -3),
    budgetMs: fc.constantFrom(100, 900, 2_000, 60_000),
    leavesMs: fc.constantFrom(Infinity, Infinity, Infinity, 150, 700),
    takesMs: fc.integer({ min: 1, max: 1500 }),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
);

const settings = fc.record({
  maxRate: fc.integer({ min: 1, max: 20 }),
  capacity: fc.integer({ min: 1, max: 5 }),
  maxWaitMs: fc.constantFrom(300, 1_500, 10_000),
  maxQueue: fc.integer({ min: 1, max: 12 }),
  maxConcurrent: fc.integer({ min: 1, max: 6 }),
});

type Settings = typeof settings extends fc.Arbitrary<infer S> ? S : never;

/** Lets everyone call, and time pass until all of it is over. */
async function play(
  callers: Caller[],
  { maxRate, capacity, maxWaitMs, maxQueue, maxConcurrent }: Settings,
) {
  const waits = { onLimit: 'wait', maxWait: `${maxWaitMs}ms`, maxQueue };
  const line = admissionInVirtualTime({
    rateLimit: { maxRate, capacity, ...waits },
    concurrency: { maxConcurrent, ...waits },
  });
  const { admission, clock, call, end } = line;
  const cameMs: number[] = [];
  let mostUnderway = 0;
  for (const [i, caller] of callers.entries()) {
    await vi.advanceTimersByTimeAsync(caller.gapMs);
    cameMs.push(clock());
    const signal = new CallSignal();
    if (caller.leavesMs < Infinity) {
      const gone = new CanceledError();
      setTimeout(() => signal.abort(gone), caller.leavesMs);
    }
    const { priority, budgetMs, takesMs } = caller;
    const deadline = clock() + budgetMs;
    const run = async () => {
      const asked = await call(`${i}`, { signal, priority, deadline });
      mostUnderway = Math.max(mostUnderway, admission.load.underway!);
      if (asked.permit) setTimeout(() => end(asked), takesMs);
    };
    void run();
  }
  await vi.advanceTimersByTimeAsync(120_000);
  return { ...line, cameMs, mostUnderway };
}

describe('an admission queue under any traffic', () => {
  it("answers every call once, in order, within the limits and each call's patience", async () => {
    virtualTime();
    await fc.assert(
      fc.asyncProperty(callers, settings, async (callers, settings) => {
        const game = await play(callers, settings);
        const { outcomes, admission, cameMs, mostUnderway } = game;

        expect(
          outcomes.map(({ call }) => Number(call)).toSorted((a, b) => a - b),
        ).toEqual(callers.map((_, i) => i));
        expect(admission.load.waiting).toBe(0);
        expect(admission.load.underway).toBe(0);
        expect(vi.getTimerCount()).toBe(0);

        const sent = outcomes.filter(({ permit }) => permit);
        const limit = bucketLimit({ ...settings, everyMs: 1000 });
        const paid = sent.map(({ atMs }) => ({ nowMs: atMs, cost: 1 }));
        expect(largestShare(limit, paid)).toBeLessThanOrEqual(ALL_OF_IT);
        expect(mostUnderway).toBeLessThanOrEqual(settings.maxConcurrent);

        const order = passed(outcomes).map(Number);
        for (const priority of new Set(callers.map((c) => c.priority))) {
          const alike = order.filter((i) => callers[i].priority === priority);
          expect(alike).toEqual(alike.toSorted((a, b) => a - b));
        }
        for (const { call, atMs } of outcomes) {
          const waitedMs = atMs - cameMs[Number(call)];
          const { budgetMs } = callers[Number(call)];
          const patienceMs = Math.min(settings.maxWaitMs, budgetMs);
          expect(waitedMs).toBeLessThanOrEqual(patienceMs + 1);
        }
      }),
      { numRuns: 60 },
    );
  });
});
