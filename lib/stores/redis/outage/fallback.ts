import { BucketLimit, bucketLimit } from '../../../core/bucket/bucket-limit.js';
import {
  ProblemException,
  withoutStack,
} from '../../../http/problem-exception.js';
import { problemKinds } from '../../../http/problem.js';
import { BucketSpec, PlannedBuckets, Verdict } from '../../bucket-store.js';
import { BucketsInMemory, MemoryStore } from '../../memory-store.js';

const COME_BACK_MS = 1_000;

/** 503: the shared store cannot be asked, and `onStoreFailure` is `closed`. */
export class StoreUnavailableException extends ProblemException {
  override readonly name: string = 'StoreUnavailableException';

  constructor() {
    const detail =
      'Rate limits cannot be checked right now. Please try again later.';
    super(problemKinds.reducedCapacity, detail, COME_BACK_MS);
  }
}

/** Decides plans while Redis does not. */
export interface Fallback {
  plan(specs: readonly BucketSpec[]): PlannedBuckets;
}

/** Lets everyone pass. */
export const open: Fallback = {
  plan: (specs) => new OpenPlan(specs),
};

/** Lets nobody pass. */
export const closed: Fallback = {
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

/**
 * Enforces this instance's share of each limit in memory: the limit divided by
 * the number of instances that were alive when Redis was last heard of. Shares
 * keep their tokens from one outage to the next, and when that number changes:
 * whoever flaps gains nothing.
 */
export class LocalShare implements Fallback {
  /** How often the number of instances changed. */
  changes = 0;
  private shared = 0;

  /**
   * @param instances how many share a limit now
   * @param store an empty one
   */
  constructor(
    private readonly instances: () => number,
    private readonly store: MemoryStore,
  ) {}

  plan(specs: readonly BucketSpec[]): PlannedBuckets {
    return new LocalPlan(specs, this);
  }

  /** Looks again how many share a limit. */
  update(): void {
    const instances = this.instances();
    if (instances === this.shared) return;
    this.shared = instances;
    this.changes++;
  }

  /** The plan of this instance's shares. A later number of instances is a later edition of each limit. */
  planOf(specs: readonly BucketSpec[]): BucketsInMemory {
    const shares = specs.map((spec) => ({
      ...spec,
      limit: shareOfLimit(spec.limit, this.shared),
      edition: (spec.edition ?? 0) + this.changes,
    }));
    return this.store.plan(shares);
  }
}

/** The share of one of `instances`: at least one token, since less than one admits nobody. */
export function shareOfLimit(
  { maxRate, everyMs, capacity }: BucketLimit,
  instances: number,
): BucketLimit {
  return bucketLimit({
    maxRate: maxRate / instances,
    everyMs,
    capacity: Math.max(1, Math.floor(capacity / instances)),
  });
}

function copyOf({ admitted, retryAfterMs, waitsMs, tokens }: Verdict): Verdict {
  return {
    admitted,
    retryAfterMs,
    waitsMs: Array.from(waitsMs),
    tokens: Array.from(tokens),
  };
}

class LocalPlan implements PlannedBuckets {
  private changes = -1;
  private planned!: BucketsInMemory;

  constructor(
    private readonly specs: readonly BucketSpec[],
    private readonly share: LocalShare,
  ) {}

  decide(keys: ArrayLike<string>, costs: ArrayLike<number>): Verdict {
    // Its own: those who waited for Redis together read theirs after all of them were decided.
    return copyOf(this.current().decide(keys, costs));
  }

  adjust(keys: ArrayLike<string>, deltas: ArrayLike<number>): void {
    this.current().adjust(keys, deltas);
  }

  private current(): BucketsInMemory {
    const { share } = this;
    share.update();
    if (this.changes !== share.changes) {
      this.changes = share.changes;
      this.planned = share.planOf(this.specs);
    }
    return this.planned;
  }
}
