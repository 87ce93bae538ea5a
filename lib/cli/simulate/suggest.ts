import type { ExecutionContext } from '@nestjs/common';
import { Findings } from '../../config/findings.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { bucketLimit, BucketLimit } from '../../core/bucket/bucket-limit.js';
import { TokenBucket } from '../../core/bucket/token-bucket.js';
import { limitChoice } from '../../router/choice/choice-factory.js';
import { isFixed, LimitChoice } from '../../router/choice/limit-choice.js';
import { HandlerNames } from '../../router/choice/limit-names.js';
import { ClientKeys } from '../../router/client-key/client-key.js';
import { Rejection } from '../../router/reject/rejection.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { PlannedBuckets, Verdict } from '../../stores/bucket-store.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
/** No client bucket: a request that the limit of each client does not concern. */
const NOT_LIMITED = -1;
/** A request that does not say who its client is. */
const NOBODY = -1;

/** Requests of one endpoint, with their clients as its own limit counts them. */
export class Arrivals {
  readonly timesMs: number[] = [];
  /** The tier of each request, 0 where there is but one; `NOT_LIMITED` where none is. */
  readonly tiers: number[] = [];
  /** The client of each request, as a place in `keys`; `NOBODY` where it has none. */
  readonly clients: number[] = [];
  readonly keys: string[] = [];
  /** The limit that tells clients apart. */
  readonly limit: RouterLimit;
  /** Its place among those of the endpoint; -1 where none does. */
  readonly index: number;
  private readonly places = new Map<string, number>();
  private readonly choice: LimitChoice;

  /**
   * @param limits those of the endpoint
   * @param byAddress tells clients apart where none of these does
   */
  constructor(limits: readonly RouterLimit[], byAddress: RouterLimit) {
    this.index = limits.findIndex(tellsClients);
    this.limit = limits[this.index] ?? byAddress;
    this.choice = probeChoice(this.limit);
  }

  add(atMs: number, context: ExecutionContext): void {
    const { choice } = this;
    const parts = isFixed(choice) ? choice : choice(context);
    // Stand-ins answer at once, and the probe has no list that denies.
    if (parts instanceof Promise || parts instanceof Rejection) return;
    const part = parts.at(0);
    const key = part?.client?.(context) ?? '';
    this.timesMs.push(atMs);
    // Each tier is numbered by the capacity of its probe.
    this.tiers.push(part ? part.limit.capacity - 1 : NOT_LIMITED);
    this.clients.push(typeof key === 'string' ? this.placeOf(key) : NOBODY);
  }

  private placeOf(key: string): number {
    if (key === '') return NOBODY;
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.keys.length;
      this.places.set(key, place);
      this.keys.push(key);
    }
    return place;
  }
}

function tellsClients({ clientMaxRate, tiers }: RouterLimit): boolean {
  return (
    clientMaxRate !== undefined ||
    (tiers?.some((tier) => tier.clientMaxRate !== undefined) ?? false)
  );
}

/** Chooses among buckets of each client alone, whose capacity tells which tier they belong to. */
function probeChoice(limit: RouterLimit): LimitChoice {
  const probe = (tier: number) => ({
    maxRate: undefined,
    capacity: undefined,
    clientMaxRate: 1,
    clientCapacity: tier + 1,
  });
  const { tiers, strategy = 'ip' } = limit;
  const probed: RouterLimit = {
    ...limit,
    ...probe(0),
    strategy,
    deny: undefined,
    tiers: tiers?.map((tier, i) =>
      tier.unlimited ? tier : { ...tier, ...probe(i) },
    ),
  };
  const findings = new Findings(new Set(), true);
  const written = { limit: probed };
  return limitChoice(written, new HandlerNames('probe', [written]), {
    findings,
    keys: new ClientKeys(findings),
    policies: new Map(),
  }).choice;
}

/** Limits that together would have refused at most a share of the traffic of an endpoint. */
export interface Suggestion {
  /** Per second, with a capacity of as many. */
  readonly maxRate: number;
  /** Per minute and tier, with a capacity of as many; nothing for a tier without requests. */
  readonly clientMaxRates: readonly (number | undefined)[];
  /** What to do with requests without a client, where refusing them would refuse too many. */
  readonly skipsMissingKeys: boolean;
  /** How many the limits would have refused. */
  readonly refused: number;
}

/** The lowest whole limits that together refuse at most `share` of what arrived. */
export function suggestLimits(arrivals: Arrivals, share: number): Suggestion {
  const most = Math.floor(arrivals.timesMs.length * share);
  const rejects = (arrivals.limit.onMissingKey ?? 'reject') === 'reject';
  const missing = countWhere(
    arrivals.clients,
    (client, i) => client === NOBODY && arrivals.tiers[i] !== NOT_LIMITED,
  );
  const skipsMissingKeys = rejects && missing > most;
  const unavoidable = rejects && !skipsMissingKeys ? missing : 0;
  // Each alone may refuse all that was allowed; together they may not.
  for (let budget = most - unavoidable; ; budget = budget >> 1) {
    const maxRate = lowestForAll(arrivals, budget);
    const clientMaxRates = lowestPerTier(arrivals, budget);
    const refused =
      unavoidable +
      refusedTogether(arrivals, maxRate, clientMaxRates, unavoidable > 0);
    if (refused <= most || budget === 0) {
      return { maxRate, clientMaxRates, skipsMissingKeys, refused };
    }
  }
}

function lowestForAll({ timesMs, limit }: Arrivals, budget: number): number {
  const cost = costOf(limit);
  return lowestWhere(cost, (rate) => {
    const limit = rateLimit(rate, SECOND_MS);
    return refusedOf(timesMs, limit, cost, budget) <= budget;
  });
}

/** A tier gets its share of what may be refused. */
function lowestPerTier(
  { timesMs, tiers, clients, limit }: Arrivals,
  budget: number,
): (number | undefined)[] {
  const byTier = new Map<number, Map<number, number[]>>();
  const counts = new Map<number, number>();
  for (let i = 0; i < timesMs.length; i++) {
    const [tier, client] = [tiers[i], clients[i]];
    if (tier === NOT_LIMITED || client === NOBODY) continue;
    const byClient = byTier.get(tier) ?? new Map<number, number[]>();
    byTier.set(tier, byClient);
    const times = byClient.get(client);
    if (times) times.push(timesMs[i]);
    else byClient.set(client, [timesMs[i]]);
    counts.set(tier, (counts.get(tier) ?? 0) + 1);
  }
  const rates: (number | undefined)[] = [];
  for (const [tier, byClient] of byTier) {
    const share = counts.get(tier)! / timesMs.length;
    const most = Math.floor(budget * share);
    const cost = costOf(limit, tier);
    rates[tier] = lowestWhere(cost, (rate) => {
      const each = rateLimit(rate, MINUTE_MS);
      let refused = 0;
      for (const times of byClient.values()) {
        refused += refusedOf(times, each, cost, most - refused);
        if (refused > most) return false;
      }
      return true;
    });
  }
  return rates;
}

/** How many of these requests a bucket refuses; it stops counting above `most`. */
function refusedOf(
  timesMs: readonly number[],
  limit: BucketLimit,
  cost: number,
  most: number,
): number {
  const bucket = new TokenBucket(limit, timesMs[0]);
  let refused = 0;
  for (let i = 0; i < timesMs.length && refused <= most; i++) {
    if (!bucket.tryTake(cost, timesMs[i])) refused++;
  }
  return refused;
}

/** How many requests the limits refuse in one plan, on the buckets of the store. */
function refusedTogether(
  { timesMs, tiers, clients, keys, limit }: Arrivals,
  maxRate: number,
  clientMaxRates: readonly (number | undefined)[],
  rejectsNobody: boolean,
): number {
  let nowMs = timesMs[0];
  // A limit alone keeps half of what a store does.
  const store = new MemoryStore(() => nowMs, 2 * Math.max(1, keys.length));
  const all = {
    id: 'all',
    limit: rateLimit(maxRate, SECOND_MS),
    keyed: false,
  };
  const alone = store.plan([all]);
  const plans = clientMaxRates.map((rate, tier): PlannedBuckets | undefined =>
    rate === undefined
      ? undefined
      : store.plan([
          all,
          {
            id: `tier ${tier}`,
            limit: rateLimit(rate, MINUTE_MS),
            keyed: true,
          },
        ]),
  );
  let refused = 0;
  for (let i = 0; i < timesMs.length; i++) {
    nowMs = timesMs[i];
    const isNobody = clients[i] === NOBODY;
    if (isNobody && rejectsNobody && tiers[i] !== NOT_LIMITED) continue;
    const plan = isNobody ? undefined : plans[tiers[i]];
    const cost = costOf(limit, tiers[i]);
    const key = keys[clients[i]] ?? '';
    const verdict = (plan ?? alone).decide(
      ['', key],
      [costOf(limit), cost],
    ) as Verdict;
    if (!verdict.admitted) refused++;
  }
  return refused;
}

function rateLimit(maxRate: number, everyMs: number): BucketLimit {
  return bucketLimit({ maxRate, everyMs, capacity: maxRate });
}

/** What a request costs; 1 where a function tells it. */
function costOf(limit: RouterLimit, tier = NOT_LIMITED): number {
  const cost = limit.tiers?.[tier]?.cost ?? limit.cost;
  return typeof cost === 'number' ? cost : 1;
}

function countWhere(
  values: readonly number[],
  test: (value: number, index: number) => boolean,
): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (test(values[i], i)) count++;
  return count;
}

/** The lowest whole number that fits, from the cost of a request, where every higher one fits too. */
function lowestWhere(cost: number, fits: (value: number) => boolean): number {
  const lowest = Math.max(1, Math.ceil(cost));
  let high = lowest;
  while (!fits(high)) high *= 2;
  let low = Math.max(lowest - 1, high >> 1);
  if (high === lowest) return high;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return high;
}
