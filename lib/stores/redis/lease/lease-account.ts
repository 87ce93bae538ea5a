import { Verdict } from '../../bucket-store.js';
import { Clock } from '../../clock.js';
import { Lease, LeaseTerms } from './lease.js';

/** What came of an attempt to pay for several requests. */
export interface Purchase {
  /** For how many of them there was enough. */
  readonly units: number;
  /** Tokens in each bucket after it. */
  readonly tokens: readonly number[];
}

/** What sells tokens: a plan, for the keys of one account. */
export interface Seller {
  /** Pays for up to `units` requests of these costs; nothing when nobody answers. */
  buy(costs: readonly number[], units: number): Promise<Purchase | undefined>;
  giveBack(tokens: readonly number[]): void | Promise<void>;
  /** The verdict on a request that was paid for, or was not, with these tokens left. */
  verdict(
    isPaid: boolean,
    tokens: readonly number[],
    costs: readonly number[],
  ): Verdict;
  /** The verdict when nobody answers. */
  doWithout(costs: readonly number[]): Verdict | Promise<Verdict>;
}

interface Waiter {
  readonly costs: readonly number[];
  resolve(verdict: Verdict | Promise<Verdict>): void;
}

/** The lease of one plan and its keys, with those who wait until it is filled: one trip at a time, for all of them. */
export class LeaseAccount {
  private readonly lease: Lease;
  private waiting: Waiter[] = [];
  private isBuying = false;
  /** What is told to whoever was paid for, with what was left in the buckets when they were last heard of; there since the first purchase. */
  private paidFor!: Verdict;

  constructor(
    private readonly seller: Seller,
    terms: LeaseTerms,
    private readonly clock: Clock,
  ) {
    this.lease = new Lease(terms);
  }

  decide(costs: ArrayLike<number>): Verdict | Promise<Verdict> {
    const nowMs = this.clock();
    this.lease.arrive(nowMs);
    return this.lease.spend(costs, nowMs)
      ? this.paidFor
      : this.wait(Array.from(costs));
  }

  isIdle(nowMs: number): boolean {
    return !this.isBuying && this.lease.isIdle(nowMs);
  }

  /** Gives back what is left of a lease whose time is up. */
  giveBack(nowMs: number): void | Promise<void> {
    const left = this.lease.takeBack(nowMs);
    if (left) return this.seller.giveBack(left);
  }

  private wait(costs: readonly number[]): Promise<Verdict> {
    return new Promise((resolve) => {
      this.waiting.push({ costs, resolve });
      if (!this.isBuying) void this.buy();
    });
  }

  private async buy(): Promise<void> {
    this.isBuying = true;
    while (this.waiting.length > 0) {
      const { costs } = this.waiting[0];
      const buyers = this.takeThose(costs);
      void this.giveBack(Infinity);
      const units = this.lease.unitsFor(buyers.length, costs, this.clock());
      const bought = await this.seller.buy(costs, units);
      if (bought) this.serve(buyers, costs, bought);
      else buyers.forEach((buyer) => this.doWithout(buyer));
    }
    this.isBuying = false;
  }

  /** Those who wait for requests of the same costs: units of them are what is bought. */
  private takeThose(costs: readonly number[]): Waiter[] {
    const isSame = (waiter: Waiter) =>
      waiter.costs.every((cost, i) => Object.is(cost, costs[i]));
    const buyers = this.waiting.filter(isSame);
    this.waiting = this.waiting.filter((waiter) => !isSame(waiter));
    return buyers;
  }

  private serve(
    buyers: readonly Waiter[],
    costs: readonly number[],
    { units, tokens }: Purchase,
  ): void {
    this.paidFor = this.seller.verdict(true, tokens, costs);
    const refused = this.seller.verdict(false, tokens, costs);
    const paid = Math.min(units, buyers.length);
    buyers.forEach((buyer, i) =>
      buyer.resolve(i < paid ? this.paidFor : refused),
    );
    if (units > paid) this.lease.grant(units - paid, costs, this.clock());
    this.serveFromLease();
  }

  /** Those who came while the trip was under way, as far as the lease goes. */
  private serveFromLease(): void {
    const nowMs = this.clock();
    this.waiting = this.waiting.filter(({ costs, resolve }) => {
      if (!this.lease.spend(costs, nowMs)) return true;
      resolve(this.paidFor);
      return false;
    });
  }

  private doWithout({ costs, resolve }: Waiter): void {
    resolve(this.seller.doWithout(costs));
  }
}
