import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_HOLDER, RefillWheel } from './refill-wheel.js';

const REFILL_MS = 254;
const SPOKE_MS = 1;

function popAll(wheel: RefillWheel, nowMs: number): number[] {
  const holders = [];
  for (;;) {
    const holder = wheel.popDue(nowMs);
    if (holder === NO_HOLDER) return holders;
    holders.push(holder);
  }
}

describe('RefillWheel', () => {
  it('starts empty', () => {
    const wheel = new RefillWheel(REFILL_MS, 4, 0);
    expect(wheel.popDue(0)).toBe(NO_HOLDER);
    expect(wheel.popDue(1e9)).toBe(NO_HOLDER);
  });

  it('yields a holder at most one spoke after its instant and never before', () => {
    const wheel = new RefillWheel(REFILL_MS, 4, 0);
    wheel.schedule(2, 100.5);
    expect(wheel.popDue(100.5)).toBe(NO_HOLDER);
    expect(wheel.popDue(100.5 + SPOKE_MS)).toBe(2);
    expect(wheel.popDue(100.5 + SPOKE_MS)).toBe(NO_HOLDER);
  });

  it('yields every holder once, for any instants and however late it is asked', () => {
    const instants = fc.array(
      fc.double({ min: 0, max: REFILL_MS, noNaN: true }),
      { minLength: 1, maxLength: 40, size: 'max' },
    );
    const starts = fc.constantFrom(0, 12.5, 1e9, 1e12, -1e6);
    const steps = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), {
      maxLength: 10,
    });
    fc.assert(
      fc.property(instants, starts, steps, (fullAfterMs, startMs, steps) => {
        const wheel = new RefillWheel(REFILL_MS, fullAfterMs.length, startMs);
        for (const [holder, afterMs] of fullAfterMs.entries()) {
          wheel.schedule(holder, startMs + afterMs);
        }
        let nowMs = startMs;
        const seen: number[] = [];
        for (const stepMs of [...steps, 2 * REFILL_MS]) {
          nowMs += stepMs;
          for (const holder of popAll(wheel, nowMs)) {
            expect(startMs + fullAfterMs[holder]).toBeLessThanOrEqual(nowMs);
            seen.push(holder);
          }
        }
        expect(seen.toSorted((a, b) => a - b)).toEqual([...fullAfterMs.keys()]);
      }),
    );
  });

  it('never yields a holder again before the others due with it', () => {
    for (let lateMs = 0; lateMs < 256; lateMs++) {
      const wheel = new RefillWheel(REFILL_MS, 3, 0);
      for (const holder of [0, 1, 2]) wheel.schedule(holder, 10);
      const nowMs = 11 + lateMs;
      const first = wheel.popDue(nowMs);
      wheel.schedule(first, nowMs + REFILL_MS);
      const rest = [wheel.popDue(nowMs), wheel.popDue(nowMs)];
      expect([first, ...rest].toSorted()).toEqual([0, 1, 2]);
    }
  });

  it('keeps scheduled holders when it grows', () => {
    const wheel = new RefillWheel(REFILL_MS, 2, 0);
    wheel.schedule(0, 5);
    wheel.schedule(1, 5);
    expect(wheel.popDue(7)).toBe(1);
    wheel.grow(4);
    wheel.schedule(3, 6);
    expect(popAll(wheel, 8)).toEqual([0, 3]);
  });

  it.each([1e-3, 1e-6, 1e-300])(
    'turns for a refill time of %d ms, however long the process has run',
    (refillMs) => {
      for (const nowMs of [1, 1e6, 1e9, 1e12]) {
        const wheel = new RefillWheel(refillMs, 1, 0);
        wheel.popDue(nowMs);
        wheel.schedule(0, nowMs);
        expect(wheel.popDue(nowMs + 1)).toBe(0);
      }
    },
  );
});
