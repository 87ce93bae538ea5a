import { BucketSpec, PlannedBuckets, Verdict } from '../../bucket-store.js';
import { Clock } from '../../clock.js';
import { RedisPlan } from '../plan/redis-plan.js';
import { LeaseAccount, LeaseTerms } from './lease.js';

/** How leases are configured. */
export interface LeaseConfig {
  /** The share of a bucket's capacity that one instance may hold. */
  readonly share: number;
  /** How long it may hold it. */
  readonly life: number;
}

/** The leases of this instance. One timer gives back what is not used, while there is anything to give back. */
export class Leases {
  /** Those that have anything: one that was replaced is let go of when its leases are over. */
  private readonly inUse = new Set<LeasedPlan>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: LeaseConfig,
    private readonly clock: Clock,
  ) {}

  /** The plan, with leases. */
  of(plan: RedisPlan, specs: readonly BucketSpec[]): PlannedBuckets {
    const { share, life } = this.config;
    const mostTokens = specs.map(({ limit }) => limit.capacity * share);
    const terms = { mostTokens, lifeMs: life };
    return new LeasedPlan(plan, terms, this.clock, this.onUse);
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.sweepAll(Infinity);
  }

  private readonly onUse = (plan: LeasedPlan): void => {
    this.inUse.add(plan);
    this.timer ??= this.sweepLater();
  };

  private sweepLater(): NodeJS.Timeout {
    return setTimeout(() => void this.sweep(), this.config.life).unref();
  }

  private async sweep(): Promise<void> {
    await this.sweepAll(this.clock());
    for (const plan of this.inUse) if (plan.isIdle) this.inUse.delete(plan);
    this.timer = this.inUse.size > 0 ? this.sweepLater() : undefined;
  }

  private async sweepAll(nowMs: number): Promise<void> {
    await Promise.all([...this.inUse].map((plan) => plan.sweep(nowMs)));
  }
}

/** A plan whose tokens are taken in batches, with an account for each combination of keys. A request that a batch covers is decided here and now. */
class LeasedPlan implements PlannedBuckets {
  private readonly accounts = new Map<string, LeaseAccount>();

  /** @param onUse told when there is an account, so that what it does not use will be given back */
  constructor(
    private readonly plan: RedisPlan,
    private readonly terms: LeaseTerms,
    private readonly clock: Clock,
    private readonly onUse: (plan: LeasedPlan) => void,
  ) {}

  /** Whether there is nothing to give back and nobody to remember. */
  get isIdle(): boolean {
    return this.accounts.size === 0;
  }

  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict> {
    return this.accountOf(keys).decide(costs);
  }

  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): void | Promise<void> {
    return this.plan.adjust(keys, deltas);
  }

  /** Gives back what was not used in time, and forgets who stays away. */
  async sweep(nowMs: number): Promise<void> {
    const returns = [...this.accounts.values()].map((account) =>
      account.giveBack(nowMs),
    );
    for (const [id, account] of this.accounts) {
      if (account.isIdle(nowMs)) this.accounts.delete(id);
    }
    await Promise.all(returns);
  }

  private accountOf(keys: ArrayLike<string>): LeaseAccount {
    const id = this.plan.idOf(keys);
    const known = this.accounts.get(id);
    if (known) return known;
    const seller = this.plan.sellerFor(Array.from(keys));
    const made = new LeaseAccount(seller, this.terms, this.clock);
    this.accounts.set(id, made);
    this.onUse(this);
    return made;
  }
}
