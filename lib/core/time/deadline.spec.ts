import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deadlineAfter,
  earlier,
  hasPassed,
  NO_DEADLINE,
  remainingMs,
} from './deadline.js';

const instants = fc.double({ min: 0, max: 1e12, noNaN: true });

describe('Deadline', () => {
  it('leaves its budget minus the elapsed time, and never less than 0', () => {
    const deadline = deadlineAfter(800, 1_000);
    expect(remainingMs(deadline, 1_000)).toBe(800);
    expect(remainingMs(deadline, 1_300)).toBe(500);
    expect(remainingMs(deadline, 1_800)).toBe(0);
    expect(remainingMs(deadline, 5_000)).toBe(0);
  });

  it('has passed at its exact instant and not before', () => {
    const deadline = deadlineAfter(800, 1_000);
    expect(hasPassed(deadline, 1_799.999)).toBe(false);
    expect(hasPassed(deadline, 1_800)).toBe(true);
    expect(hasPassed(deadline, 1_801)).toBe(true);
  });

  it('has passed exactly when no time remains', () => {
    fc.assert(
      fc.property(instants, instants, (deadline, nowMs) => {
        expect(hasPassed(deadline, nowMs)).toBe(
          remainingMs(deadline, nowMs) === 0,
        );
      }),
    );
  });

  it('limits any deadline that inherits it', () => {
    fc.assert(
      fc.property(instants, instants, instants, (parent, budgetMs, nowMs) => {
        const inherited = earlier(parent, deadlineAfter(budgetMs, nowMs));
        expect(inherited).toBeLessThanOrEqual(parent);
        expect(remainingMs(inherited, nowMs)).toBeLessThanOrEqual(
          remainingMs(parent, nowMs),
        );
      }),
    );
  });

  it('never passes when there is no time limit', () => {
    expect(hasPassed(NO_DEADLINE, Number.MAX_VALUE)).toBe(false);
    expect(remainingMs(NO_DEADLINE, 1e12)).toBe(Infinity);
    expect(earlier(NO_DEADLINE, 5)).toBe(5);
    expect(earlier(5, NO_DEADLINE)).toBe(5);
    expect(deadlineAfter(Infinity, 1_000)).toBe(NO_DEADLINE);
  });
});
