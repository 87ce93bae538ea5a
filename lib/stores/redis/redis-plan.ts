import { BucketSpec, PlannedBuckets, Verdict } from '../bucket-store.js';
import { BucketKeys } from './bucket-keys.js';
import { Batches } from './batch/batches.js';
import { AskedBuckets, Errand, OutcomeOf } from './batch/errand.js';
import { Purchase, Seller } from './lease/lease-account.js';
import { admission, refusal } from './verdict.js';

/** A plan whose buckets live on one node of Redis: decided there in one step, all or nothing. */
export class RedisPlan implements PlannedBuckets {
  private readonly buckets: AskedBuckets;
  private readonly noWaitsMs: readonly number[];
  /** The places of the buckets that have keys. */
  private readonly keyed: readonly number[];

  /** @param standIn decides while Redis does not */
  constructor(
    specs: readonly BucketSpec[],
    bucketKeys: readonly BucketKeys[],
    private readonly batches: Batches,
    private readonly standIn: PlannedBuckets,
  ) {
    const limits = specs.map(({ limit }) => limit);
    this.buckets = { keys: bucketKeys, limits };
    this.noWaitsMs = specs.map(() => 0);
    this.keyed = [...specs.keys()].filter((i) => specs[i].keyed);
  }

  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict> {
    const asked = this.ask(keys, costs, 1, this.decided);
    return asked ?? this.standIn.decide(keys, costs);
  }

  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): void | Promise<void> {
    const asked = this.ask(keys, deltas, 0, adjusted);
    return asked ?? this.standIn.adjust(keys, deltas);
  }

  /** Sells ahead to whoever asks for these keys. */
  sellerFor(keys: readonly string[]): Seller {
    return {
      buy: async (costs, units) => this.ask(keys, costs, units, bought),
      giveBack: (tokens) =>
        this.adjust(
          keys,
          tokens.map((left) => -left),
        ),
      verdict: (isPaid, tokens, costs) => this.verdict(isPaid, tokens, costs),
      doWithout: (costs) => this.standIn.decide(keys, costs),
    };
  }

  /** Tells apart the keys that draw from different buckets. */
  idOf(keys: ArrayLike<string>): string {
    const { keyed } = this;
    if (keyed.length === 0) return '';
    if (keyed.length === 1) return keys[keyed[0]];
    // With their lengths, so that no client can pass for two others.
    return keyed.map((i) => `${keys[i].length}:${keys[i]}`).join('');
  }

  /** Asks Redis; nothing is returned at once where nobody would answer. */
  private ask<Outcome>(
    keys: ArrayLike<string>,
    amounts: ArrayLike<number>,
    requests: number,
    outcomeOf: OutcomeOf<Outcome>,
  ): Promise<Outcome> | undefined {
    // Whoever asks fills both anew for the next request, before this one is decided.
    const errand = new Errand(
      this.buckets,
      Array.from(keys),
      Array.from(amounts),
      requests,
      outcomeOf,
    );
    return this.batches.take(errand) ? errand.outcome() : undefined;
  }

  private readonly decided: OutcomeOf<Verdict> = (
    bought,
    { clients, amounts },
  ) =>
    bought === undefined
      ? this.standIn.decide(clients, amounts)
      : this.verdict(bought.units > 0, bought.tokens, amounts);

  private verdict(
    isAdmitted: boolean,
    tokens: readonly number[],
    costs: readonly number[],
  ): Verdict {
    return isAdmitted
      ? admission(tokens, this.noWaitsMs)
      : refusal(tokens, this.buckets.limits, costs);
  }
}

/** What was sent and not answered may have been done: it is not done again elsewhere. */
const adjusted: OutcomeOf<void> = () => {};

const bought: OutcomeOf<Purchase | undefined> = (purchase) => purchase;
