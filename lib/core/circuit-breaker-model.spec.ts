import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BreakerModel, ModelPermit } from './breaker-model.fixture.js';
import {
  BreakerCounts,
  BreakerSettings,
  BreakerState,
  CallOutcome,
  CircuitBreaker,
  Permit,
  REFUSED,
} from './circuit-breaker.js';

/** A step of a run: let time pass, then begin a call, end one of those that are out, or only look. */
interface Step {
  readonly afterMs: number;
  readonly does: 'begin' | 'look' | CallOutcome;
  readonly nth: number;
}

const settings: fc.Arbitrary<BreakerSettings> = fc.record({
  maxErrors: fc.integer({ min: 1, max: 4 }),
  intervalMs: fc.constantFrom(0, 10, 40),
  openMs: fc.constantFrom(5, 20),
  halfOpenPermits: fc.integer({ min: 1, max: 3 }),
  halfOpenMaxMs: fc.constantFrom(8, 30, Infinity),
});

/** Whole milliseconds, so that many a step falls on the very instant of an expiry. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 0, 0, 1, 2, 5, 6, 8, 9, 20, 21, 40),
    does: fc.oneof(
      { weight: 5, arbitrary: fc.constant('begin' as const) },
      { weight: 3, arbitrary: fc.constant('failure' as const) },
      { weight: 2, arbitrary: fc.constant('success' as const) },
      { weight: 1, arbitrary: fc.constant('ignored' as const) },
      { weight: 1, arbitrary: fc.constant('look' as const) },
    ),
    nth: fc.nat(),
  }),
  { maxLength: 60, size: 'max' },
);

/** What one of the two shows after a step. */
interface Shown {
  readonly passed: boolean;
  readonly state: BreakerState;
  readonly counts: BreakerCounts;
}

/** The breaker and its model side by side, with the calls that are out. */
class SideBySide {
  readonly breaker: CircuitBreaker;
  private readonly model: BreakerModel;
  private readonly out: [Permit, ModelPermit][] = [];
  nowMs = 0;

  constructor(settings: BreakerSettings) {
    this.breaker = new CircuitBreaker(settings, 0);
    this.model = new BreakerModel(settings, 0);
  }

  do({ afterMs, does, nth }: Step): { breaker: Shown; model: Shown } {
    this.nowMs += afterMs;
    if (does === 'begin') return this.shown(...this.begin());
    if (does !== 'look') this.end(nth, does);
    return this.shown(false, false);
  }

  private begin(): [boolean, boolean] {
    const permit = this.breaker.tryAcquire(this.nowMs);
    const modelPermit = this.model.tryAcquire(this.nowMs);
    if (modelPermit !== undefined) this.out.push([permit, modelPermit]);
    return [permit !== REFUSED, modelPermit !== undefined];
  }

  private end(nth: number, outcome: CallOutcome): void {
    if (this.out.length === 0) return;
    const [ended] = this.out.splice(nth % this.out.length, 1);
    this.breaker.settle(ended[0], outcome, this.nowMs);
    this.model.settle(ended[1], outcome, this.nowMs);
  }

  private shown(passed: boolean, modelPassed: boolean) {
    const { breaker, model, nowMs } = this;
    const state = breaker.state(nowMs);
    const modelState = model.state(nowMs);
    return {
      breaker: { passed, state, counts: breaker.counts },
      model: { passed: modelPassed, state: modelState, counts: model.counts() },
    };
  }
}

describe('CircuitBreaker beside its model', () => {
  it('agrees on every answer, state and count, with calls that overlap and hang', () => {
    fc.assert(
      fc.property(settings, steps, (settings, steps) => {
        const pair = new SideBySide(settings);
        for (const step of steps) {
          const { breaker, model } = pair.do(step);
          expect(breaker).toEqual(model);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never has more probes out or counted than it lets through', () => {
    fc.assert(
      fc.property(settings, steps, (settings, steps) => {
        const pair = new SideBySide(settings);
        for (const step of steps) {
          const { state, counts } = pair.do(step).breaker;
          if (state !== 'half-open') continue;
          const { requests, ignored } = counts;
          expect(requests - ignored).toBeLessThanOrEqual(
            settings.halfOpenPermits,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets a call through again in the end, whatever hangs', () => {
    const bounded = settings.filter((s) => s.halfOpenMaxMs < Infinity);
    fc.assert(
      fc.property(bounded, steps, (settings, steps) => {
        const pair = new SideBySide(settings);
        for (const step of steps) pair.do(step);
        const { breaker } = pair;
        let { nowMs } = pair;
        if (breaker.tryAcquire(nowMs) !== REFUSED) return;
        nowMs += settings.halfOpenMaxMs + 1;
        if (breaker.tryAcquire(nowMs) !== REFUSED) return;
        nowMs += settings.openMs + 1;
        expect(breaker.tryAcquire(nowMs)).not.toBe(REFUSED);
      }),
      { numRuns: 300 },
    );
  });
});
