import { randomFillSync } from 'node:crypto';
import { BucketTable } from '../core/bucket/bucket-table.js';
import { Buckets } from '../core/bucket/token-bucket.js';
import { HashSecret } from '../core/bucket/key-index.js';
import { Plan } from '../core/plan/plan.js';
import { TokenBucket } from '../core/bucket/token-bucket.js';
import {
  BucketSpec,
  BucketStore,
  Clock,
  PlannedBuckets,
  Verdict,
} from './bucket-store.js';

/** The clock of this process. */
export const processClock: Clock = () => performance.now();

/** Callers choose their keys, and see none of what this is drawn from. */
function newSecret(): HashSecret {
  const [first, second] = randomFillSync(new Uint32Array(2));
  return [first, second];
}

interface Known {
  readonly buckets: Buckets;
  readonly keyed: boolean;
  /** Of the latest plan that named them. */
  edition: number;
}

/** Buckets that are decided at once; the verdict is one object, which the next decision of the same plan fills anew. */
export interface BucketsInMemory extends PlannedBuckets {
  decide(keys: ArrayLike<string>, costs: ArrayLike<number>): Verdict;
  adjust(keys: ArrayLike<string>, deltas: ArrayLike<number>): void;
}

/** Buckets in this process: each instance counts for itself. Decisions are synchronous and allocate nothing. */
export class MemoryStore implements BucketStore {
  readonly isLocal = true;
  private readonly known = new Map<string, Known>();
  private readonly secret = newSecret();

  /** @param maxClients the most keys that one keyed bucket spec keeps apart */
  constructor(
    private readonly clock: Clock,
    private readonly maxClients: number,
  ) {}

  plan(specs: readonly BucketSpec[]): BucketsInMemory {
    const ids = new Set(specs.map(({ id }) => id));
    if (ids.size < specs.length) {
      throw new RangeError('a plan names each bucket once');
    }
    const bind = () => new Plan(specs.map((spec) => this.bucketsOf(spec)));
    return new MemoryPlan(bind, this.clock);
  }

  private bucketsOf(spec: BucketSpec): Buckets {
    const { id, limit, keyed, edition = 0 } = spec;
    const known = this.known.get(id);
    if (known === undefined || known.keyed !== keyed) {
      const buckets = this.newBuckets(spec);
      this.known.set(id, { buckets, keyed, edition });
      return buckets;
    }
    if (edition > known.edition) {
      known.buckets.relimit(limit, this.clock());
      known.edition = edition;
    }
    return known.buckets;
  }

  private newBuckets({ limit, keyed }: BucketSpec): Buckets {
    return keyed
      ? new BucketTable(limit, this.maxClients, this.secret)
      : new TokenBucket(limit, this.clock());
  }
}

class MemoryPlan implements BucketsInMemory {
  private plan: Plan | undefined;

  /** @param bind finds or makes the buckets, and gives them their limits */
  constructor(
    private readonly bind: () => Plan,
    private readonly clock: Clock,
  ) {}

  activate(): void {
    this.plan ??= this.bind();
  }

  decide(keys: ArrayLike<string>, costs: ArrayLike<number>): Verdict {
    const plan = (this.plan ??= this.bind());
    plan.decide(keys, costs, this.clock());
    return plan;
  }

  adjust(keys: ArrayLike<string>, deltas: ArrayLike<number>): void {
    const plan = (this.plan ??= this.bind());
    plan.adjust(keys, deltas, this.clock());
  }
}
