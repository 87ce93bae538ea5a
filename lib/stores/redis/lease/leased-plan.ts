import { PlannedBuckets, Verdict } from '../../bucket-store.js';
import { Clock } from '../../clock.js';
import { RedisPlan } from '../redis-plan.js';
import { LeaseTerms } from './lease.js';
import { LeaseAccount } from './lease-account.js';

/** A plan whose tokens are taken in batches, with an account for each combination of keys. A request that a batch covers is decided here and now. */
export class LeasedPlan implements PlannedBuckets {
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
