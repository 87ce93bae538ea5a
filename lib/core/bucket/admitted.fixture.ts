import { BucketLimit } from './bucket-limit.js';

/** Something that a bucket let through. */
export interface Admission {
  readonly nowMs: number;
  readonly cost: number;
}

/** The share of a limit that may be used: all of it. Doubles add up to a little more or less than the figures they stand for. */
export const ALL_OF_IT = 1 + 1e-6;

/**
 * The invariant of every limit, as a share: between any two admissions, both
 * included, no more may be admitted than a full bucket and what it refilled
 * meanwhile. The largest such share.
 */
export function largestShare(
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

/** The largest share that any one key had of a limit of its own. */
export function largestShareOfAKey(
  limit: BucketLimit,
  admissions: readonly (Admission & { readonly key: string })[],
): number {
  const keys = [...new Set(admissions.map(({ key }) => key))];
  const shares = keys.map((key) =>
    largestShare(
      limit,
      admissions.filter((admission) => admission.key === key),
    ),
  );
  return Math.max(0, ...shares);
}
