import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallOutcome } from '../breaker/circuit-breaker.js';
import { HostPool, PoolSettings, Turn } from './host-pool.js';

interface Step {
  readonly afterMs: number;
  readonly does: 'begin' | 'retry' | 'rest' | CallOutcome;
  readonly nth: number;
}

const settings: fc.Arbitrary<PoolSettings> = fc.record({
  hosts: fc.integer({ min: 1, max: 5 }),
  loadBalancing: fc.constantFrom('round-robin', 'least-pending'),
  consecutiveErrors: fc.constantFrom(1, 2, 3, Infinity),
  ejection: fc.constant({ baseMs: 30, maxMs: 70 }),
  rest: fc.constant({ baseMs: 5, maxMs: 10 }),
  probeMaxMs: fc.constantFrom(8, 40),
  maxEjected: fc.integer({ min: 1, max: 5 }),
});

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 0, 0, 1, 2, 5, 8, 30, 60, 70),
    does: fc.oneof(
      { weight: 8, arbitrary: fc.constant('begin' as const) },
      { weight: 1, arbitrary: fc.constant('retry' as const) },
      { weight: 1, arbitrary: fc.constant('rest' as const) },
      { weight: 6, arbitrary: fc.constant('failure' as const) },
      { weight: 3, arbitrary: fc.constant('success' as const) },
      { weight: 1, arbitrary: fc.constant('ignored' as const) },
    ),
    nth: fc.nat(),
  }),
  { maxLength: 100, size: 'max' },
);

/** A pool with the calls that are out. */
class BusyPool {
  readonly pool: HostPool;
  readonly out: Turn[] = [];
  nowMs = 0;

  constructor(readonly settings: PoolSettings) {
    this.pool = new HostPool(settings);
  }

  do({ afterMs, does, nth }: Step): void {
    this.nowMs += afterMs;
    if (does === 'begin') this.begin();
    else if (does === 'retry') this.begin(this.out[nth % this.out.length]);
    else if (does === 'rest') {
      this.pool.rest(nth % this.settings.hosts, this.nowMs);
    } else if (this.out.length > 0) {
      const [turn] = this.out.splice(nth % this.out.length, 1);
      this.pool.settle(turn, does, this.nowMs);
    }
  }

  begin(except?: Turn): Turn {
    const turn = this.pool.next(this.nowMs, except);
    this.out.push(turn);
    return turn;
  }
}

function forEveryRun(check: (pool: BusyPool, step: Step) => void): void {
  fc.assert(
    fc.property(settings, steps, (settings, steps) => {
      const busy = new BusyPool(settings);
      for (const step of steps) check(busy, step);
    }),
    { numRuns: 300 },
  );
}

describe('HostPool under any sequence of events', () => {
  it('knows how many calls each host has in flight', () => {
    forEveryRun((busy, step) => {
      busy.do(step);
      busy.pool.hosts.forEach(({ pending }, index) => {
        const there = busy.out.filter((t) => busy.pool.indexOf(t) === index);
        expect(pending).toBe(there.length);
      });
    });
  });

  it('sends an ejected host only one probe at a time while another host is available', () => {
    forEveryRun((busy, step) => {
      const { pool } = busy;
      busy.do({ ...step, does: step.does === 'retry' ? 'begin' : step.does });
      const isOut = pool.hosts.map(({ state }) => state !== 'active');
      const couldGo = pool.hosts.map((host) => host.isAvailable(busy.nowMs));
      const index = pool.indexOf(busy.begin());
      expect(couldGo[index] || !couldGo.includes(true)).toBe(true);
      const isProbe = isOut[index] && couldGo[index];
      const { state } = pool.hosts[index];
      const isOpenToMore = pool.hosts[index].isAvailable(busy.nowMs);
      expect(isProbe && (state !== 'probing' || isOpenToMore)).toBe(false);
    });
  });

  it('ejects no more outliers than allowed', () => {
    fc.assert(
      fc.property(settings, steps, (settings, steps) => {
        const busy = new BusyPool(settings);
        for (const step of steps) {
          if (step.does !== 'rest') busy.do(step);
          const out = settings.hosts - busy.pool.activeCount;
          expect(out).toBeLessThanOrEqual(settings.maxEjected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('restores every host once calls succeed', () => {
    fc.assert(
      fc.property(settings, steps, (settings, steps) => {
        const busy = new BusyPool(settings);
        for (const step of steps) busy.do(step);
        const { pool } = busy;
        const nowMs = busy.nowMs + 70 + settings.probeMaxMs;
        for (let i = 0; i < settings.hosts * (busy.out.length + 1); i++) {
          pool.settle(pool.next(nowMs), 'success', nowMs);
        }
        // Among hosts of which some are busy, least-pending needs not visit those.
        for (const turn of busy.out) pool.settle(turn, 'ignored', nowMs);
        for (let i = 0; i < settings.hosts; i++) {
          pool.settle(pool.next(nowMs), 'success', nowMs);
        }
        expect(pool.activeCount).toBe(settings.hosts);
      }),
      { numRuns: 300 },
    );
  });
});
