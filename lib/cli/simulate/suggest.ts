import { bucketLimit } from '../../core/bucket/bucket-limit.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { Verdict } from '../../stores/bucket-store.js';
import { EndpointTally } from './simulation.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** Limits that would have refused at most a share of the traffic of an endpoint, each by itself. */
export interface Suggestion {
  /** Per second, with a capacity of as many. */
  readonly maxRate: number;
  /** Per minute, with a capacity of as many. */
  readonly clientMaxRate: number;
}

/** The lowest whole limits that refuse at most `share` of what arrived. */
export function suggestLimits(
  { arrivals }: EndpointTally,
  share: number,
): Suggestion {
  const most = Math.floor(arrivals.timesMs.length * share);
  const lowest = (everyMs: number, keyed: boolean) =>
    lowestWhere((rate) => refused(arrivals, rate, everyMs, keyed) <= most);
  return {
    maxRate: lowest(SECOND_MS, false),
    clientMaxRate: lowest(MINUTE_MS, true),
  };
}

function refused(
  { timesMs, clients }: EndpointTally['arrivals'],
  rate: number,
  everyMs: number,
  keyed: boolean,
): number {
  let nowMs = timesMs[0];
  const store = new MemoryStore(() => nowMs, Math.max(1, timesMs.length));
  const limit = bucketLimit({ maxRate: rate, everyMs, capacity: rate });
  const plan = store.plan([{ id: 'suggested', limit, keyed }]);
  let count = 0;
  for (let i = 0; i < timesMs.length; i++) {
    nowMs = timesMs[i];
    const { admitted } = plan.decide([clients[i]], [1]) as Verdict;
    if (!admitted) count++;
  }
  return count;
}

/** The lowest whole number from 1 that fits, where every higher one fits too. */
function lowestWhere(fits: (value: number) => boolean): number {
  let high = 1;
  while (!fits(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return high;
}
