import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BreakerState,
  CircuitBreaker,
  REFUSED,
} from '../../core/breaker/circuit-breaker.js';
import { SimulatedFleet } from '../../stores/fleet.fixture.js';
import { BreakerHints, Quorum } from './breaker-hints.js';

const MAX_ERRORS = 3;
const OPEN_MS = 100;
const SETTINGS = {
  maxErrors: MAX_ERRORS,
  intervalMs: 0,
  openMs: OPEN_MS,
  halfOpenPermits: 1,
  halfOpenMaxMs: 50,
};

interface Step {
  readonly afterMs: number;
  readonly instance: number;
  readonly does: 'success' | 'failure' | 'hears';
}

/** Instances whose breakers tell each other, and what each of them went through. */
class Instances {
  nowMs = 0;
  readonly fleet: SimulatedFleet;
  readonly breakers: CircuitBreaker[];
  readonly changes: {
    instance: number;
    from: BreakerState;
    to: BreakerState;
  }[] = [];

  constructor(size: number, quorum: number) {
    const clock = () => this.nowMs;
    this.fleet = new SimulatedFleet(size, clock);
    this.breakers = Array.from({ length: size }, (_, instance) => {
      const fleet = this.fleet.of(instance);
      const hints = new BreakerHints(fleet, 'breaker:catalog', quorum);
      const breaker: CircuitBreaker = new CircuitBreaker(
        SETTINGS,
        0,
        (from, to, nowMs) => {
          this.changes.push({ instance, from, to });
          hints.tell(breaker, to, nowMs);
        },
      );
      hints.listen(breaker, clock);
      return breaker;
    });
  }

  /** One call that ends at once, or a look at what the others say. Returns whether a call was let through. */
  do({ afterMs, instance, does }: Step): boolean {
    this.nowMs += afterMs;
    if (does === 'hears') {
      this.fleet.deliver(instance);
      return false;
    }
    const breaker = this.breakers[instance];
    const permit = breaker.tryAcquire(this.nowMs);
    breaker.settle(permit, does, this.nowMs);
    return permit !== REFUSED;
  }

  open(instance: number): void {
    for (let i = 0; i < MAX_ERRORS; i++) {
      this.do({ afterMs: 0, instance, does: 'failure' });
    }
  }

  state(instance: number): BreakerState {
    return this.breakers[instance].state(this.nowMs);
  }
}

const SIZE = 4;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 0, 1, 5, 30, 101),
    instance: fc.nat({ max: SIZE - 1 }),
    does: fc.constantFrom('success', 'failure', 'failure', 'hears'),
  }),
  { maxLength: 150, size: 'max' },
);
const delays = fc.constantFrom(0, 10, 60, 1_000, Infinity);
const quorums = fc.constantFrom(0.25, 0.5, 0.75);

describe('breaker hints between instances', () => {
  it('turn the next call into a probe when a quorum of breakers is open', () => {
    const instances = new Instances(SIZE, 0.5);
    instances.open(0);
    instances.do({ afterMs: 1, instance: 3, does: 'hears' });
    expect(instances.state(3)).toBe('closed');
    instances.open(1);
    instances.do({ afterMs: 1, instance: 3, does: 'hears' });
    expect(instances.state(3)).toBe('half-open');
    instances.do({ afterMs: 1, instance: 3, does: 'failure' });
    expect(instances.state(3)).toBe('open');
  });

  it('are dropped as soon as the probe succeeds, until another quorum forms', () => {
    const instances = new Instances(SIZE, 0.5);
    instances.open(0);
    instances.open(1);
    instances.do({ afterMs: 1, instance: 3, does: 'hears' });
    instances.do({ afterMs: 1, instance: 3, does: 'success' });
    instances.do({ afterMs: 1, instance: 3, does: 'hears' });
    expect(instances.state(3)).toBe('closed');
    instances.do({ afterMs: OPEN_MS, instance: 3, does: 'hears' });
    instances.open(0);
    instances.open(1);
    instances.do({ afterMs: 1, instance: 3, does: 'hears' });
    expect(instances.state(3)).toBe('half-open');
  });

  it('are withdrawn when a breaker closes', () => {
    const instances = new Instances(SIZE, 0.5);
    instances.open(0);
    instances.breakers[0].reset(instances.nowMs);
    instances.open(1);
    instances.do({ afterMs: 1, instance: 3, does: 'hears' });
    expect(instances.state(3)).toBe('closed');
  });

  it('do not report a breaker that is forced open', () => {
    const instances = new Instances(SIZE, 0.5);
    for (const i of [0, 1, 2]) instances.breakers[i].forceOpen(0);
    instances.do({ afterMs: 1, instance: 3, does: 'hears' });
    expect(instances.state(3)).toBe('closed');
  });

  it('open no breaker whose own calls all succeed', () => {
    fc.assert(
      fc.property(steps, delays, quorums, (steps, delayMs, quorum) => {
        const instances = new Instances(SIZE, quorum);
        instances.fleet.delayMs = delayMs;
        for (const step of steps) {
          const isWell = step.instance === 0 && step.does !== 'hears';
          instances.do(isWell ? { ...step, does: 'success' } : step);
        }
        const opened = instances.changes.filter(({ to }) => to === 'open');
        expect(opened.map(({ instance }) => instance)).not.toContain(0);
      }),
      { numRuns: 300 },
    );
  });

  it('make an instance probe only while there is a quorum, and reject no call that succeeds at once', () => {
    fc.assert(
      fc.property(steps, delays, quorums, (steps, delayMs, quorum) => {
        const instances = new Instances(SIZE, quorum);
        instances.fleet.delayMs = delayMs;
        for (const step of steps) {
          const before = instances.state(step.instance);
          const passed = instances.do(step);
          const mustPass = before === 'closed' && step.does !== 'hears';
          expect(passed || !mustPass).toBe(true);
          const after = instances.breakers[step.instance];
          const isDoubted =
            before === 'closed' && after.state(instances.nowMs) === 'half-open';
          if (!isDoubted) continue;
          const agreeing = instances.fleet.heardBy(step.instance).length;
          expect(agreeing).toBeGreaterThanOrEqual(Math.max(2, quorum * SIZE));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leave every breaker closed once the backend has recovered', () => {
    fc.assert(
      fc.property(steps, delays, quorums, (steps, delayMs, quorum) => {
        const instances = new Instances(SIZE, quorum);
        instances.fleet.delayMs = delayMs;
        for (const step of steps) instances.do(step);
        instances.nowMs += OPEN_MS + 1;
        for (let round = 0; round < 3; round++) {
          for (let instance = 0; instance < SIZE; instance++) {
            instances.do({ afterMs: 1, instance, does: 'hears' });
            instances.do({ afterMs: 0, instance, does: 'success' });
          }
        }
        for (let instance = 0; instance < SIZE; instance++) {
          expect(instances.state(instance)).toBe('closed');
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('Quorum', () => {
  it('is reached by the required share of the instances', () => {
    const quorum = new Quorum(0.5);
    expect(quorum.isNew(2, 5)).toBe(false);
    expect(quorum.isNew(3, 5)).toBe(true);
  });

  it.each([0.1, 0.3, 0.7, 1])('is reached by exactly %d of ten', (share) => {
    const needed = Math.max(2, Math.round(share * 10));
    const quorum = new Quorum(share);
    expect(quorum.isNew(needed - 1, 10)).toBe(false);
    expect(quorum.isNew(needed, 10)).toBe(true);
  });

  it('is never a single instance', () => {
    expect(new Quorum(0.01).isNew(1, 2)).toBe(false);
  });

  it('is reported as new once, until it is lost', () => {
    const quorum = new Quorum(0.5);
    expect([2, 3, 2, 1, 2].map((n) => quorum.isNew(n, 4))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it('counts the agreeing instances as alive when the instance count lags', () => {
    expect(new Quorum(1).isNew(3, 1)).toBe(true);
  });
});
