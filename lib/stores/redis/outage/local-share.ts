import { BucketLimit, bucketLimit } from '../../../core/bucket/bucket-limit.js';
import { BucketSpec, PlannedBuckets, Verdict } from '../../bucket-store.js';
import { MemoryStore } from '../../memory-store.js';
import { StandIn } from './stand-ins.js';

/**
 * Enforces this instance's share of each limit in memory: the limit divided by
 * the number of instances that were alive when Redis was last heard of.
 */
export class LocalShare implements StandIn {
  private shared = 0;
  private store: MemoryStore | undefined;

  /**
   * @param instances how many share a limit now
   * @param openStore makes an empty store
   */
  constructor(
    private readonly instances: () => number,
    private readonly openStore: () => MemoryStore,
  ) {}

  plan(specs: readonly BucketSpec[]): PlannedBuckets {
    return new LocalPlan(specs, this);
  }

  /** The store for the present number of instances; buckets of another number say nothing about it. */
  current(): MemoryStore {
    const instances = this.instances();
    if (this.store && instances === this.shared) return this.store;
    this.shared = instances;
    this.store = this.openStore();
    return this.store;
  }

  /** A bucket with this instance's share of its limit. */
  shareOf(spec: BucketSpec): BucketSpec {
    return { ...spec, limit: shareOfLimit(spec.limit, this.shared) };
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

class LocalPlan implements PlannedBuckets {
  private store: MemoryStore | undefined;
  private planned!: PlannedBuckets;

  constructor(
    private readonly specs: readonly BucketSpec[],
    private readonly share: LocalShare,
  ) {}

  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict> {
    return this.current().decide(keys, costs);
  }

  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): void | Promise<void> {
    return this.current().adjust(keys, deltas);
  }

  private current(): PlannedBuckets {
    const store = this.share.current();
    if (store !== this.store) {
      this.store = store;
      this.planned = store.plan(
        this.specs.map((spec) => this.share.shareOf(spec)),
      );
    }
    return this.planned;
  }
}
