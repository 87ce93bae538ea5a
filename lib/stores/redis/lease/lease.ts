import { Verdict } from '../../bucket-store.js';
import { Clock } from '../../clock.js';
import { Purchase } from '../plan/pending-plan.js';
import { Seller } from '../plan/redis-plan.js';

/** How much an instance may hold, and for how long. */
export interface LeaseTerms {
  /** The most tokens of each bucket that are held ahead of demand. */
  readonly mostTokens: readonly number[];
  /** How long what was paid for may be used. */
  readonly lifeMs: number;
}

/**
 * Tokens of one plan and its keys that were paid for ahead, to be spent without
 * asking. How many are asked for follows the demand: as many as came in the last
 * lifetime of a lease, so that a quiet key pays for one request at a time, as if
 * there were no lease.
 *
 * Tokens are spent after they were charged. So in any interval of length T a
 * fleet of N instances admits at most `capacity + rate · T + N · mostTokens`.
 */
export class Lease {
  /** Tokens that are left, for each bucket; none when there is no lease. */
  private held: number[] = [];
  private endsAtMs = -Infinity;
  private windowEndMs = -Infinity;
  private came = 0;
  private cameBefore = 0;

  constructor(private readonly terms: LeaseTerms) {}

  /** Whether nothing is held and nobody came for a while, so that it may be forgotten. */
  isIdle(nowMs: number): boolean {
    const restedMs = nowMs - this.windowEndMs;
    return this.held.length === 0 && restedMs >= this.terms.lifeMs;
  }

  /** Counts a request. */
  arrive(nowMs: number): void {
    this.turnWindow(nowMs);
    this.came++;
  }

  /** Pays for a request with what is held, if that is enough. */
  spend(costs: ArrayLike<number>, nowMs: number): boolean {
    const { held } = this;
    if (held.length === 0 || nowMs >= this.endsAtMs) return false;
    for (let i = 0; i < costs.length; i++) {
      if (!(costs[i] >= 0 && held[i] >= costs[i])) return false;
    }
    for (let i = 0; i < costs.length; i++) held[i] -= costs[i];
    return true;
  }

  /** For how many requests of these costs to pay: for those that `waiting` wait, and for as many more as demand and terms have it. */
  unitsFor(waiting: number, costs: readonly number[], nowMs: number): number {
    this.turnWindow(nowMs);
    const ahead = costs.map((cost, i) =>
      cost > 0 ? Math.floor(this.terms.mostTokens[i] / cost) : Infinity,
    );
    const demand = Math.max(this.came, this.cameBefore);
    return Math.max(waiting, Math.min(demand, ...ahead));
  }

  /** Takes what was paid for. What was held before must have been taken back. */
  grant(units: number, costs: readonly number[], nowMs: number): void {
    this.held = costs.map((cost) => cost * units);
    this.endsAtMs = nowMs + this.terms.lifeMs;
  }

  /** Ends the lease when its time is up: what is left, to be given back. */
  takeBack(nowMs: number): readonly number[] | undefined {
    if (nowMs < this.endsAtMs || this.held.length === 0) return undefined;
    const { held } = this;
    this.held = [];
    return held.some((tokens) => tokens > 0) ? held : undefined;
  }

  private turnWindow(nowMs: number): void {
    if (nowMs < this.windowEndMs) return;
    const { lifeMs } = this.terms;
    this.cameBefore = nowMs < this.windowEndMs + lifeMs ? this.came : 0;
    this.came = 0;
    this.windowEndMs = nowMs + lifeMs;
  }
}

interface Waiter {
  readonly costs: readonly number[];
  resolve(verdict: Verdict | Promise<Verdict>): void;
}

/** The lease of one plan and its keys, with those who wait until it is filled: one round trip at a time, for all of them. */
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

  /** Those who came while the round trip was under way, as far as the lease goes. */
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
