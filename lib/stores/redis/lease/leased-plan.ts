import { PlannedBuckets, Verdict } from '../../bucket-store.js';
import { Clock } from '../../clock.js';
import { RedisPlan } from '../redis-plan.js';
import { LeaseTerms } from './lease.js';
import { LeaseAccount } from './lease-account.js';

/** A plan whose tokens are taken in batches, with an account for each combination of keys. A request that a batch covers is decided here and now. */
export class LeasedPlan implements PlannedBuckets {
  private readonly accounts = new Map<string, LeaseAccount>();

  /** @param onUse told of each decision, so that what is not used will be given back */
  constructor(
    private readonly plan: RedisPlan,
    private readonly terms: LeaseTerms,
    private readonly clock: Clock,
    private readonly onUse: () => void,
  ) {}

  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict> {
    this.onUse();
    return this.accountOf(keys).decide(Array.from(costs));
  }

  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): void | Promise<void> {
    return this.plan.adjust(keys, deltas);
  }

  /** Gives back what was not used in time, and forgets who stays away. Returns whether any account is left. */
  async sweep(nowMs: number): Promise<boolean> {
    const returns = [...this.accounts.values()].map((account) =>
      account.giveBack(nowMs),
    );
    for (const [id, account] of this.accounts) {
      if (account.isIdle(nowMs)) this.accounts.delete(id);
    }
    await Promise.all(returns);
    return this.accounts.size > 0;
  }

  private accountOf(keys: ArrayLike<string>): LeaseAccount {
    const id = this.plan.idOf(keys);
    const known = this.accounts.get(id);
    if (known) return known;
    const seller = this.plan.sellerFor(Array.from(keys));
    const made = new LeaseAccount(seller, this.terms, this.clock);
    this.accounts.set(id, made);
    return made;
  }
}
