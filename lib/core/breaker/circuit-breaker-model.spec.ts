import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BreakerModel,
  MODEL_RANDOM,
  ModelPermit,
} from './breaker-model.fixture.js';
import { BreakerSettings } from './breaker-settings.js';
import {
  BreakerCounts,
  BreakerState,
  CallOutcome,
  CircuitBreaker,
  Permit,
  REFUSED,
} from './circuit-breaker.js';
import { BreakerRates } from './rate-rule.js';

/** A step of a run: let time pass, then begin a call, end one of those that are out, or only look. */
interface Step {
  readonly afterMs: number;
  readonly does: 'begin' | 'look' | Forced | CallOutcome;
  readonly nth: number;
}

/** No breaker of these runs stays open for longer. */
const LONGEST_OPEN_MS = 75;

type Forced = 'forceOpen' | 'forceClosed' | 'reset' | 'doubt';

const rates = fc.record({
  windowMs: fc.constantFrom(10, 50),
  minimumCalls: fc.integer({ min: 1, max: 6 }),
  failureRate: fc.constantFrom(0.25, 0.5, 1, Infinity),
  slowCallRate: fc.constantFrom(0.5, 1, Infinity),
  slowCallMs: fc.constantFrom(4, 10),
});

const openGrowth = fc.record({
  factor: fc.constantFrom(1, 2, 3),
  maxMs: fc.constantFrom(20, 50),
  jitter: fc.constantFrom(0, 0.5),
});

const settings: fc.Arbitrary<BreakerSettings> = fc.record({
  maxErrors: fc.constantFrom(1, 2, 3, 4, Infinity),
  intervalMs: fc.constantFrom(0, 10, 40),
  openMs: fc.constantFrom(5, 20),
  halfOpenPermits: fc.integer({ min: 1, max: 3 }),
  halfOpenMaxMs: fc.constantFrom(8, 30, Infinity),
  rates: fc.option(rates, { nil: undefined }),
  openGrowth: fc.option(openGrowth, { nil: undefined }),
});

const isForced = (does: Step['does']): does is Forced =>
  ['forceOpen', 'forceClosed', 'reset', 'doubt'].includes(does);

/** Whole milliseconds, so that many a step falls on the very instant of an expiry. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 0, 0, 1, 2, 5, 6, 8, 9, 20, 21, 40),
    does: fc.oneof(
      { weight: 25, arbitrary: fc.constant('begin' as const) },
      { weight: 15, arbitrary: fc.constant('failure' as const) },
      { weight: 10, arbitrary: fc.constant('success' as const) },
      { weight: 5, arbitrary: fc.constant('ignored' as const) },
      { weight: 5, arbitrary: fc.constant('look' as const) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'forceOpen',
          'forceClosed',
          'reset',
          'doubt',
        ),
      },
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
  readonly rates: BreakerRates | undefined;
}

/** A call that is out. */
interface Out {
  readonly permit: Permit;
  readonly modelPermit: ModelPermit;
  readonly begunMs: number;
}

/** The breaker and its model side by side, with the calls that are out. */
class SideBySide {
  readonly breaker: CircuitBreaker;
  private readonly model: BreakerModel;
  private readonly out: Out[] = [];
  nowMs = 0;

  constructor(private readonly settings: BreakerSettings) {
    const random = () => MODEL_RANDOM;
    this.breaker = new CircuitBreaker(settings, 0, undefined, random);
    this.model = new BreakerModel(settings, 0);
  }

  do({ afterMs, does, nth }: Step): { breaker: Shown; model: Shown } {
    this.nowMs += afterMs;
    if (does === 'begin') return this.shown(...this.begin());
    if (isForced(does)) this.force(does);
    else if (does !== 'look') this.end(nth, does);
    return this.shown(false, false);
  }

  private begin(): [boolean, boolean] {
    const { nowMs } = this;
    const permit = this.breaker.tryAcquire(nowMs);
    const modelPermit = this.model.tryAcquire(nowMs);
    if (modelPermit) this.out.push({ permit, modelPermit, begunMs: nowMs });
    return [permit !== REFUSED, modelPermit !== undefined];
  }

  private end(nth: number, outcome: CallOutcome): void {
    if (this.out.length === 0) return;
    const [ended] = this.out.splice(nth % this.out.length, 1);
    const { nowMs } = this;
    const tookMs = nowMs - ended.begunMs;
    this.breaker.settle(ended.permit, outcome, nowMs, tookMs);
    this.model.settle(ended.modelPermit, outcome, nowMs, tookMs);
  }

  private force(does: Forced): void {
    this.breaker[does](this.nowMs);
    if (does === 'doubt') {
      this.model.doubt(this.nowMs);
      return;
    }
    const states = {
      forceOpen: 'forced-open',
      forceClosed: 'forced-closed',
      reset: 'closed',
    } as const;
    this.model.force(states[does], this.nowMs);
  }

  private shown(passed: boolean, modelPassed: boolean) {
    const { breaker, model, nowMs } = this;
    const hasRates = this.settings.rates !== undefined;
    const state = breaker.state(nowMs);
    const modelState = model.state(nowMs);
    return {
      breaker: {
        passed,
        state,
        counts: breaker.counts,
        rates: breaker.rates(nowMs),
      },
      model: {
        passed: modelPassed,
        state: modelState,
        counts: model.counts(),
        rates: hasRates ? model.rates(nowMs) : undefined,
      },
    };
  }
}

describe('CircuitBreaker compared with its model', () => {
  it('gives the same answers, states and counts when calls overlap and hang', () => {
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

  it('never has more probes in flight or counted than it allows', () => {
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

  it('eventually admits a call again, whatever hangs', () => {
    const bounded = settings.filter((s) => s.halfOpenMaxMs < Infinity);
    fc.assert(
      fc.property(bounded, steps, (settings, steps) => {
        const pair = new SideBySide(settings);
        for (const step of steps) pair.do(step);
        const { breaker } = pair;
        let { nowMs } = pair;
        if (breaker.state(nowMs) === 'forced-open') return;
        if (breaker.tryAcquire(nowMs) !== REFUSED) return;
        nowMs += settings.halfOpenMaxMs + 1;
        if (breaker.tryAcquire(nowMs) !== REFUSED) return;
        nowMs += LONGEST_OPEN_MS + 1;
        expect(breaker.tryAcquire(nowMs)).not.toBe(REFUSED);
      }),
      { numRuns: 300 },
    );
  });
});
