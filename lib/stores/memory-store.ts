import { randomFillSync } from 'node:crypto';
import { BucketTable } from '../core/bucket/bucket-table.js';
import { BucketLimit } from '../core/bucket/bucket-limit.js';
import { HashSecret } from '../core/bucket/key-index.js';
import { Buckets, TokenBucket } from '../core/bucket/token-bucket.js';
import { Plan } from '../core/plan/plan.js';
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
  /** New buckets of plans that are not active yet. */
  private readonly drafts = new Map<string, Known>();
  private readonly secret = newSecret();

  /** @param maxClients the most keys that one keyed bucket spec keeps apart */
  constructor(
    private readonly clock: Clock,
    private readonly maxClients: number,
  ) {}

  /** @throws RangeError when a plan names a bucket twice */
  plan(specs: readonly BucketSpec[]): BucketsInMemory {
    const found = specs.map((spec) => this.knownFor(spec));
    const plan = new Plan(found.map(({ buckets }) => buckets));
    const activate = () =>
      specs.forEach((spec, i) => this.activate(spec, found[i]));
    return new MemoryPlan(plan, activate, this.clock);
  }

  private knownFor(spec: BucketSpec): Known {
    const { id, limit, keyed, edition = 0 } = spec;
    const known = this.known.get(id);
    if (known?.keyed === keyed) return known;
    const draft = this.drafts.get(id);
    if (draft?.keyed === keyed && isSame(draft.buckets.limit, limit)) {
      return draft;
    }
    const made = { buckets: this.newBuckets(spec), keyed, edition };
    this.drafts.set(id, made);
    return made;
  }

  /** A plan of a later edition changes the limits of its buckets; one of an earlier edition takes them as they are. */
  private activate({ id, limit, edition = 0 }: BucketSpec, known: Known): void {
    if (this.known.get(id) !== known && edition >= known.edition) {
      this.known.set(id, known);
      this.drafts.delete(id);
    }
    if (edition <= known.edition) return;
    known.buckets.relimit(limit, this.clock());
    known.edition = edition;
  }

  private newBuckets({ limit, keyed }: BucketSpec): Buckets {
    return keyed
      ? new BucketTable(limit, this.maxClients, this.secret)
      : new TokenBucket(limit, this.clock());
  }
}

function isSame(one: BucketLimit, other: BucketLimit): boolean {
  return (
    one.maxRate === other.maxRate &&
    one.everyMs === other.everyMs &&
    one.capacity === other.capacity
  );
}

class MemoryPlan implements BucketsInMemory {
  private isActive = false;

  constructor(
    private readonly plan: Plan,
    private readonly putInForce: () => void,
    private readonly clock: Clock,
  ) {}

  activate(): void {
    if (this.isActive) return;
    this.isActive = true;
    this.putInForce();
  }

  decide(keys: ArrayLike<string>, costs: ArrayLike<number>): Verdict {
    if (!this.isActive) this.activate();
    this.plan.decide(keys, costs, this.clock());
    return this.plan;
  }

  adjust(keys: ArrayLike<string>, deltas: ArrayLike<number>): void {
    if (!this.isActive) this.activate();
    this.plan.adjust(keys, deltas, this.clock());
  }
}
