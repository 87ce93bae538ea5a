import { BucketLimit } from '../../../core/bucket/bucket-limit.js';
import { Verdict } from '../../bucket-store.js';
import { MemoryStore } from '../../memory-store.js';
import { Purchase } from '../plan/pending-plan.js';
import { Seller } from '../plan/redis-plan.js';
import { LeaseAccount, LeaseTerms } from './lease.js';

/** A request that reaches one instance. */
export interface Arrival {
  readonly atMs: number;
  readonly instance: number;
}

/** How instances and their store are far apart, and which of them crash. */
export interface Fleet {
  readonly limit: BucketLimit;
  readonly instances: number;
  readonly mostTokens: number;
  readonly lifeMs: number;
  /** One way, between an instance and the store. */
  readonly tripMs: number;
  readonly crashes: readonly Arrival[];
}

/**
 * Instances with leases on one bucket, in virtual time: messages take a while,
 * and an instance that crashes takes its lease and its messages with it.
 */
export class SimulatedFleet {
  /** When requests were let through. */
  readonly admittedMs: number[] = [];
  refused = 0;
  trips = 0;
  /** The most tokens that one crash took away. */
  mostLost = 0;
  private nowMs = 0;
  private readonly events: { atMs: number; run: () => void }[] = [];
  private readonly store: ReturnType<MemoryStore['plan']>;
  private readonly accounts: LeaseAccount[];

  constructor(private readonly fleet: Fleet) {
    const { limit, instances } = fleet;
    const memory = new MemoryStore(() => this.nowMs, 1);
    this.store = memory.plan([{ id: 'shared', limit, keyed: false }]);
    this.accounts = Array.from({ length: instances }, () => this.account());
  }

  /** Lets everything happen, in the order of time. */
  async run(arrivals: readonly Arrival[]): Promise<void> {
    for (const { atMs, instance } of arrivals) {
      this.at(atMs, () => void this.request(instance));
    }
    for (const { atMs, instance } of this.fleet.crashes) {
      this.at(atMs, () => (this.accounts[instance] = this.account()));
    }
    const lastMs = Math.max(0, ...arrivals.map(({ atMs }) => atMs));
    for (let ms = 0; ms < lastMs; ms += this.fleet.lifeMs) {
      this.at(ms, () => this.accounts.forEach((one) => one.giveBack(ms)));
    }
    for (let next = this.next(); next; next = this.next()) {
      this.nowMs = next.atMs;
      next.run();
      // Everything that follows from it at the same instant.
      for (let turn = 0; turn < 12; turn++) await undefined;
    }
  }

  private next() {
    let first = 0;
    this.events.forEach(({ atMs }, i) => {
      if (atMs < this.events[first].atMs) first = i;
    });
    return this.events.splice(first, 1).at(0);
  }

  private at(atMs: number, run: () => void): void {
    this.events.push({ atMs, run });
  }

  private async request(instance: number): Promise<void> {
    const account = this.accounts[instance];
    const verdict = await account.decide([1]);
    // Nobody hears what a crashed instance decided.
    if (account !== this.accounts[instance]) return;
    if (verdict.admitted) this.admittedMs.push(this.nowMs);
    else this.refused++;
  }

  private account(): LeaseAccount {
    const { mostTokens, lifeMs } = this.fleet;
    const terms: LeaseTerms = { mostTokens: [mostTokens], lifeMs };
    return new LeaseAccount(this.seller(), terms, () => this.nowMs);
  }

  private seller(): Seller {
    const { tripMs } = this.fleet;
    return {
      buy: (_, units) =>
        new Promise((resolve) => {
          this.trips++;
          this.at(this.nowMs + tripMs, () => {
            const bought = this.sell(units);
            this.mostLost = Math.max(this.mostLost, bought.units);
            this.at(this.nowMs + tripMs, () => resolve(bought));
          });
        }),
      giveBack: ([tokens]) =>
        this.at(this.nowMs + tripMs, () => {
          void this.store.adjust([''], [-tokens]);
        }),
      verdict: (admitted, tokens) => ({
        admitted,
        tokens,
        waitsMs: [0],
        retryAfterMs: 0,
      }),
      doWithout: () => {
        throw new Error('the store always answers here');
      },
    };
  }

  private sell(units: number): Purchase {
    let sold = 0;
    let verdict: Verdict;
    do {
      verdict = this.store.decide([''], [1]) as Verdict;
    } while (verdict.admitted && ++sold < units);
    return { units: sold, tokens: Array.from(verdict.tokens) };
  }
}
