import { expect } from 'vitest';
import { BucketLimit } from './bucket-limit.js';

/** Something that a bucket let through. */
export interface Admission {
  readonly nowMs: number;
  readonly cost: number;
}

/** Doubles add up to a little more or less than the figures they stand for. */
const ROUNDING = 1e-6;

/**
 * The invariant of every limit: between any two admissions, both included, no
 * more was admitted than a full bucket and what it refilled meanwhile.
 */
export function expectWithinLimit(
  limit: BucketLimit,
  admissions: readonly Admission[],
): void {
  expect(largestShare(limit, admissions)).toBeLessThanOrEqual(1 + ROUNDING);
}

/** Groups admissions by what `groupOf` says of them. */
export function groupedBy<T extends Admission>(
  admissions: readonly T[],
  groupOf: (admission: T) => string,
): T[][] {
  const groups = new Map<string, T[]>();
  for (const admission of admissions) {
    const group = groupOf(admission);
    groups.set(group, [...(groups.get(group) ?? []), admission]);
  }
  return [...groups.values()];
}

function largestShare(
  limit: BucketLimit,
  admissions: readonly Admission[],
): number {
  let largest = 0;
  for (const [i, first] of admissions.entries()) {
    let admitted = 0;
    for (const last of admissions.slice(i)) {
      admitted += last.cost;
      const lengthMs = last.nowMs - first.nowMs;
      const allowed =
        limit.capacity + (limit.maxRate * lengthMs) / limit.everyMs;
      largest = Math.max(largest, admitted / allowed);
    }
  }
  return largest;
}
