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
  private readonly accounts: AccountCount;

  /** @param maxAccounts how many combinations of keys may have leases at a time; requests of others ask Redis */
  constructor(
    private readonly config: LeaseConfig,
    private readonly clock: Clock,
    maxAccounts: number,
  ) {
    this.accounts = { open: 0, most: maxAccounts };
  }

  /** The plan, with leases. */
  of(plan: RedisPlan, specs: readonly BucketSpec[]): PlannedBuckets {
    const { share, life } = this.config;
    const mostTokens = specs.map(({ limit }) => limit.capacity * share);
    const terms = { mostTokens, lifeMs: life };
    return new LeasedPlan(plan, terms, {
      clock: this.clock,
      count: this.accounts,
      onUse: this.onUse,
    });
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

/** Callers choose their keys, so all plans together have a bound. */
interface AccountCount {
  open: number;
  readonly most: number;
}

interface LeasedPlanParts {
  readonly clock: Clock;
  readonly count: AccountCount;
  /** Told when there is an account, so that what it does not use will be given back. */
  readonly onUse: (plan: LeasedPlan) => void;
}

/** A plan whose tokens are taken in batches, with an account for each combination of keys. A request that a batch covers is decided here and now. */
class LeasedPlan implements PlannedBuckets {
  private readonly accounts = new Map<string, LeaseAccount>();

  constructor(
    private readonly plan: RedisPlan,
    private readonly terms: LeaseTerms,
    private readonly parts: LeasedPlanParts,
  ) {}

  /** Whether there is nothing to give back and nobody to remember. */
  get isIdle(): boolean {
    return this.accounts.size === 0;
  }

  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict> {
    const account = this.accountOf(keys);
    return account ? account.decide(costs) : this.plan.decide(keys, costs);
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
      if (!account.isIdle(nowMs)) continue;
      this.accounts.delete(id);
      this.parts.count.open--;
    }
    await Promise.all(returns);
  }

  private accountOf(keys: ArrayLike<string>): LeaseAccount | undefined {
    const { clock, count, onUse } = this.parts;
    const id = this.plan.idOf(keys);
    const known = this.accounts.get(id);
    if (known) return known;
    if (count.open >= count.most) return undefined;
    count.open++;
    const seller = this.plan.sellerFor(Array.from(keys));
    const made = new LeaseAccount(seller, this.terms, clock);
    this.accounts.set(id, made);
    onUse(this);
    return made;
  }
}
