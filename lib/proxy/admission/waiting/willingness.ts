import { Patience } from '../../../config/schema/waiting.js';
import { CallPlan } from '../call-plan.js';
import { Shortage } from '../shortage.js';

/** How many wait already, before each kind of limit. */
export interface Waiting {
  /** For the same buckets. */
  readonly inLane: number;
  /** For anything of the backend. */
  readonly inAll: number;
}

/**
 * How long a call may wait for what it lacks, in milliseconds; 0 where it is
 * refused instead: a limit that it lacks says so, or has as many who wait as it
 * bears.
 *
 * @param forPlace how calls may wait for a place
 */
export function patienceMs(
  shortage: Shortage,
  plan: CallPlan | undefined,
  forPlace: Patience | undefined,
  { inLane, inAll }: Waiting,
): number {
  if (shortage.of === 'permit') return 0;
  if (shortage.of === 'place') return within(forPlace, inAll);
  if (shortage.of === 'quota') return within(ownPatience(plan), inAll);
  let longestMs = Infinity;
  for (const [i, { patience, isOwn }] of plan!.limits.entries()) {
    if (shortage.verdict.waitsMs[i] === 0) continue;
    const limitMs = within(patience, isOwn ? inAll : inLane);
    if (limitMs < longestMs) longestMs = limitMs;
  }
  return longestMs;
}

function within(patience: Patience | undefined, waiting: number): number {
  if (patience === undefined || waiting >= patience.maxQueue) return 0;
  return patience.maxWaitMs;
}

/** What a backend says of its quota is waited for as its own limit is. */
function ownPatience(plan: CallPlan | undefined): Patience | undefined {
  return plan?.limits.find(({ isOwn }) => isOwn)?.patience;
}
