import { BucketLimit } from '../../../core/bucket/bucket-limit.js';
import { BucketSpec, PlannedBuckets, Verdict } from '../../bucket-store.js';
import { Batches } from './batches.js';
import { BucketKeys } from './bucket-keys.js';
import {
  AskedBuckets,
  OutcomeOf,
  PendingPlan,
  Purchase,
} from './pending-plan.js';

/** What sells tokens ahead of requests: a plan, for the keys of one client. */
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

/** A plan whose buckets live on one node of Redis: decided there in one step, all or nothing. */
export class RedisPlan implements PlannedBuckets {
  private readonly buckets: AskedBuckets;
  private readonly noWaitsMs: readonly number[];
  /** The places of the buckets that have keys. */
  private readonly keyed: readonly number[];

  /** @param fallback decides while Redis does not */
  constructor(
    specs: readonly BucketSpec[],
    bucketKeys: readonly BucketKeys[],
    private readonly batches: Batches,
    private readonly fallback: PlannedBuckets,
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
    return asked ?? this.fallback.decide(keys, costs);
  }

  adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): void | Promise<void> {
    const asked = this.ask(keys, deltas, 0, adjusted);
    return asked ?? this.fallback.adjust(keys, deltas);
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
      doWithout: (costs) => this.fallback.decide(keys, costs),
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
    const plan = new PendingPlan(
      this.buckets,
      Array.from(keys),
      Array.from(amounts),
      requests,
      outcomeOf,
    );
    return this.batches.take(plan) ? plan.outcome() : undefined;
  }

  private readonly decided: OutcomeOf<Verdict> = (
    bought,
    { clients, amounts },
  ) =>
    bought === undefined
      ? this.fallback.decide(clients, amounts)
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

/** Redis' clock ticks in microseconds. */
const TICKS_PER_MS = 1_000;

/** What a request is told that left these tokens and waits for no bucket. */
function admission(
  tokens: readonly number[],
  waitsMs: readonly number[],
): Verdict {
  return { admitted: true, retryAfterMs: 0, waitsMs, tokens };
}

/** What a request is told that found these tokens. */
function refusal(
  tokens: readonly number[],
  limits: readonly BucketLimit[],
  costs: readonly number[],
): Verdict {
  const waitsMs = tokens.map((level, i) => waitMs(limits[i], level, costs[i]));
  const retryAfterMs = Math.max(...waitsMs);
  return { admitted: false, retryAfterMs, waitsMs, tokens };
}

/** Milliseconds until `cost` can be taken from a bucket that holds `tokens`: up to the tick after, where no rounding can fall short. */
function waitMs(limit: BucketLimit, tokens: number, cost: number): number {
  if (!(cost >= 0 && cost <= limit.capacity)) return Infinity;
  if (tokens >= cost) return 0;
  const exactMs = (cost - tokens) / limit.tokensPerMs;
  return (Math.floor(exactMs * TICKS_PER_MS) + 1) / TICKS_PER_MS;
}
