import { randomFillSync } from 'node:crypto';
import { BucketTable } from '../core/bucket/bucket-table.js';
import { KeyBound } from '../core/bucket/key-bound.js';
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
import { seeDocs } from '../core/docs-address.js';

/** The monotonic clock of this process. */
export const processClock: Clock = () => performance.now();

/** A random secret for hashing keys. Callers choose their keys and must not be able to predict the hashes. */
function newSecret(): HashSecret {
  const [first, second] = randomFillSync(new Uint32Array(2));
  return [first, second];
}

/**
 * A limit takes a place for a client only while it keeps fewer than there are
 * places left, so that a flood on some limits leaves places to the clients of
 * the others.
 */
const GREED = 1;

interface Known {
  readonly buckets: Buckets;
  readonly keyed: boolean;
  /** The edition of the latest plan that named these buckets. */
  edition: number;
}

/** Planned buckets that decide synchronously. The verdict is one object, overwritten by the next decision of the same plan. */
export interface BucketsInMemory extends PlannedBuckets {
  decide(keys: ArrayLike<string>, costs: ArrayLike<number>): Verdict;
  adjust(keys: ArrayLike<string>, deltas: ArrayLike<number>): void;
}

/** Keeps buckets in memory, per instance. Decisions are synchronous and allocate nothing. */
export class MemoryStore implements BucketStore {
  readonly isLocal = true;
  private readonly known = new Map<string, Known>();
  private readonly secret = newSecret();
  /** Of the keys of all plans together. */
  private readonly bound: KeyBound;

  /** @param maxClients the maximum number of keys that all keyed bucket specs together track */
  constructor(
    private readonly clock: Clock,
    maxClients: number,
  ) {
    this.bound = new KeyBound(maxClients, GREED);
  }

  /** @throws RangeError if a plan names a bucket twice */
  plan(specs: readonly BucketSpec[]): BucketsInMemory {
    const ids = new Set(specs.map(({ id }) => id));
    if (ids.size < specs.length) {
      throw new RangeError(
        `a plan takes each of its buckets once. ${seeDocs('errors', 'repeated-bucket')}`,
      );
    }
    // Prepared now, so that activating the plan is cheap.
    const prepared = specs.map((spec) => this.inForce(spec) ?? this.made(spec));
    const plan = new Plan(prepared.map(({ buckets }) => buckets));
    const activate = () => {
      const found = specs.map((spec, i) => this.activate(spec, prepared[i]));
      return found.every((known, i) => known === prepared[i])
        ? plan
        : new Plan(found.map(({ buckets }) => buckets));
    };
    return new MemoryPlan(activate, this.clock);
  }

  private inForce({ id, keyed }: BucketSpec): Known | undefined {
    const known = this.known.get(id);
    return known?.keyed === keyed ? known : undefined;
  }

  private made(spec: BucketSpec): Known {
    const { keyed, edition = 0 } = spec;
    return { buckets: this.newBuckets(spec), keyed, edition };
  }

  /**
   * Activates the buckets of a spec, or uses those that another plan has
   * activated meanwhile. A plan of a later edition changes their limits; one of
   * an earlier edition uses them as they are.
   */
  private activate(spec: BucketSpec, prepared: Known): Known {
    const { id, limit, edition = 0 } = spec;
    const known = this.inForce(spec) ?? prepared;
    this.known.set(id, known);
    if (edition > known.edition) {
      known.buckets.relimit(limit, this.clock());
      known.edition = edition;
    }
    return known;
  }

  private newBuckets({ limit, keyed }: BucketSpec): Buckets {
    return keyed
      ? new BucketTable(limit, this.bound, this.secret)
      : new TokenBucket(limit, this.clock());
  }
}

class MemoryPlan implements BucketsInMemory {
  private plan: Plan | undefined;

  /** @param putInForce returns the buckets, with their limits in force */
  constructor(
    private readonly putInForce: () => Plan,
    private readonly clock: Clock,
  ) {}

  activate(): void {
    this.plan ??= this.putInForce();
  }

  decide(keys: ArrayLike<string>, costs: ArrayLike<number>): Verdict {
    const plan = (this.plan ??= this.putInForce());
    plan.decide(keys, costs, this.clock());
    return plan;
  }

  adjust(keys: ArrayLike<string>, deltas: ArrayLike<number>): void {
    const plan = (this.plan ??= this.putInForce());
    plan.adjust(keys, deltas, this.clock());
  }
}
