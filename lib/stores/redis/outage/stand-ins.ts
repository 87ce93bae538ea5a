import { withoutStack } from '../../../problem/problem-exception.js';
import { BucketSpec, PlannedBuckets, Verdict } from '../../bucket-store.js';
import { StoreUnavailableException } from '../store-unavailable.exception.js';

/** Decides plans while Redis does not. */
export interface StandIn {
  plan(specs: readonly BucketSpec[]): PlannedBuckets;
}

/** Lets everyone pass. */
export const open: StandIn = {
  plan: (specs) => new OpenPlan(specs),
};

/** Lets nobody pass. */
export const closed: StandIn = {
  plan: () => closedPlan,
};

/** Nothing is known about the buckets. */
class OpenPlan implements PlannedBuckets {
  private readonly verdict: Verdict;

  constructor(specs: readonly BucketSpec[]) {
    this.verdict = {
      admitted: true,
      retryAfterMs: 0,
      waitsMs: specs.map(() => 0),
      tokens: specs.map(({ limit }) => limit.capacity),
      isUnknown: true,
    };
  }

  decide(): Verdict {
    return this.verdict;
  }

  adjust(): void {}
}

const closedPlan: PlannedBuckets = {
  decide: () =>
    Promise.reject(withoutStack(() => new StoreUnavailableException())),
  adjust: () => {},
};
