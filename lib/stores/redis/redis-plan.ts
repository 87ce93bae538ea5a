import { BucketLimit } from '../../core/bucket/bucket-limit.js';
import { BucketSpec, PlannedBuckets, Verdict } from '../bucket-store.js';
import { BucketKeys } from './bucket-keys.js';
import { Batches } from './batch/batches.js';
import { Errand } from './batch/errand.js';
import { Seller } from './lease/lease-account.js';
import { admission, refusal } from './verdict.js';

/** A plan whose buckets live on one node of Redis: decided there in one step, all or nothing. */
export class RedisPlan implements PlannedBuckets {
  private readonly limits: readonly BucketLimit[];

  /** @param standIn decides while Redis does not */
  constructor(
    specs: readonly BucketSpec[],
    private readonly bucketKeys: readonly BucketKeys[],
    private readonly batches: Batches,
    private readonly standIn: PlannedBuckets,
  ) {
    this.limits = specs.map(({ limit }) => limit);
  }

  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict> {
    const asked = this.batches.make(this.errand(keys, costs, 1));
    if (asked === undefined) return this.standIn.decide(keys, costs);
    // Whoever asks fills both anew for the next request, before this one is decided.
    const [ownKeys, ownCosts] = [Array.from(keys), Array.from(costs)];
    return asked.then((bought) =>
      bought === undefined
        ? this.standIn.decide(ownKeys, ownCosts)
        : this.verdict(bought.units > 0, bought.tokens, ownCosts),
    );
  }

  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): void | Promise<void> {
    const asked = this.batches.make(this.errand(keys, deltas, 0));
    if (asked === undefined) return this.standIn.adjust(keys, deltas);
    // What was sent and not answered may have been done: it is not done again elsewhere.
    return asked.then(() => undefined);
  }

  /** Sells ahead to whoever asks for these keys. */
  sellerFor(keys: readonly string[]): Seller {
    return {
      buy: async (costs, units) =>
        this.batches.make(this.errand(keys, costs, units)),
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
    return this.bucketKeys
      .map((bucketKey, i) => bucketKey.of(keys[i]))
      .join('\n');
  }

  private verdict(
    isAdmitted: boolean,
    tokens: readonly number[],
    costs: readonly number[],
  ): Verdict {
    return isAdmitted ? admission(tokens) : refusal(tokens, this.limits, costs);
  }

  private errand(
    keys: ArrayLike<string>,
    amounts: ArrayLike<number>,
    requests: number,
  ): Errand {
    return {
      keys: this.bucketKeys.map((bucketKey, i) => bucketKey.of(keys[i])),
      limits: this.limits,
      amounts,
      requests,
      probeKey: () => this.bucketKeys[0].probeOf(keys[0]),
    };
  }
}
