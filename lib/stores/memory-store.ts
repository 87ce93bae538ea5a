import { BucketTable } from '../core/bucket-table.js';
import { Buckets } from '../core/buckets.js';
import { Plan } from '../core/plan.js';
import { TokenBucket } from '../core/token-bucket.js';
import {
  BucketSpec,
  BucketStore,
  PlannedBuckets,
  Verdict,
} from './bucket-store.js';
import { Clock } from './clock.js';

/** Buckets in this process: each instance counts for itself. Decisions are synchronous and allocate nothing. */
export class MemoryStore implements BucketStore {
  private readonly buckets = new Map<string, Buckets>();

  /** @param maxClients the most keys that one keyed bucket spec keeps apart */
  constructor(
    private readonly clock: Clock,
    private readonly maxClients: number,
  ) {}

  plan(specs: readonly BucketSpec[]): PlannedBuckets {
    return new MemoryPlan(
      new Plan(specs.map((spec) => this.bucketsOf(spec))),
      this.clock,
    );
  }

  private bucketsOf(spec: BucketSpec): Buckets {
    const known = this.buckets.get(spec.id);
    if (known) return known;
    const made = spec.keyed
      ? new BucketTable(spec.limit, this.maxClients)
      : new TokenBucket(spec.limit, this.clock());
    this.buckets.set(spec.id, made);
    return made;
  }
}

class MemoryPlan implements PlannedBuckets {
  constructor(
    private readonly plan: Plan,
    private readonly clock: Clock,
  ) {}

  decide(keys: ArrayLike<string>, costs: ArrayLike<number>): Verdict {
    this.plan.decide(keys, costs, this.clock());
    return this.plan;
  }
}
