import { PlannedBuckets, Verdict } from '../../bucket-store.js';
import { BucketKeys } from './bucket-keys.js';

/** Some buckets of a plan, by their place in it. */
type Places = readonly number[];

/**
 * A plan in a Cluster, whose buckets may live on several nodes. Those of one tag
 * are one round trip, all or nothing. Where there are several, all are asked at once;
 * when one refuses, the others are given back what they took. So no bucket ever
 * admits more than its limit, but for the length of a round trip a refused request may
 * hold tokens of buckets that did not refuse it.
 */
export class SpanningPlan implements PlannedBuckets {
  /** Plans of one tag each, by the places of their buckets. */
  private readonly plans = new Map<string, PlannedBuckets>();

  /** @param planOf makes the plan of buckets that live together */
  constructor(
    private readonly bucketKeys: readonly BucketKeys[],
    private readonly planOf: (places: Places) => PlannedBuckets,
  ) {}

  decide(
    keys: ArrayLike<string>,
    costs: ArrayLike<number>,
  ): Verdict | Promise<Verdict> {
    const together = this.together(keys);
    if (together.length === 1) {
      return this.planAt(together[0]).decide(keys, costs);
    }
    return this.decideApart(together, Array.from(keys), Array.from(costs));
  }

  async adjust(
    keys: ArrayLike<string>,
    deltas: ArrayLike<number>,
  ): Promise<void> {
    await Promise.all(
      this.together(keys).map((places) =>
        this.planAt(places).adjust(at(keys, places), at(deltas, places)),
      ),
    );
  }

  private async decideApart(
    together: readonly Places[],
    keys: string[],
    costs: number[],
  ): Promise<Verdict> {
    const asked = await Promise.allSettled(
      together.map(async (places) => ({
        places,
        verdict: await this.planAt(places).decide(
          at(keys, places),
          at(costs, places),
        ),
      })),
    );
    const decided = asked.flatMap((one) =>
      one.status === 'fulfilled' ? one.value : [],
    );
    const isAdmitted =
      decided.length === asked.length &&
      decided.every(({ verdict }) => verdict.admitted);
    if (!isAdmitted) await this.giveBack(decided, keys, costs);
    const failed = asked.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    return merged(decided, isAdmitted, costs);
  }

  private async giveBack(
    decided: readonly Decided[],
    keys: string[],
    costs: number[],
  ): Promise<void> {
    const charged = decided.filter(({ verdict }) => verdict.admitted);
    await Promise.all(
      charged.map(({ places }) => {
        const deltas = at(costs, places).map((cost) => -cost);
        return this.planAt(places).adjust(at(keys, places), deltas);
      }),
    );
  }

  /** The places of the buckets that live together for these keys. */
  private together(keys: ArrayLike<string>): Places[] {
    const byTag = new Map<string, number[]>();
    this.bucketKeys.forEach((bucketKey, i) => {
      const tag = bucketKey.tag(keys[i]);
      const places = byTag.get(tag);
      if (places) places.push(i);
      else byTag.set(tag, [i]);
    });
    return [...byTag.values()];
  }

  private planAt(places: Places): PlannedBuckets {
    const id = places.join();
    const known = this.plans.get(id);
    if (known) return known;
    const made = this.planOf(places);
    this.plans.set(id, made);
    return made;
  }
}

interface Decided {
  readonly places: Places;
  readonly verdict: Verdict;
}

/** One verdict from several; what was given back is in its bucket again. */
function merged(
  decided: readonly Decided[],
  admitted: boolean,
  costs: readonly number[],
): Verdict {
  const waitsMs: number[] = [];
  const tokens: number[] = [];
  for (const { places, verdict } of decided) {
    const isGivenBack = verdict.admitted && !admitted;
    places.forEach((place, i) => {
      waitsMs[place] = verdict.waitsMs[i];
      tokens[place] = verdict.tokens[i] + (isGivenBack ? costs[place] : 0);
    });
  }
  return {
    admitted,
    retryAfterMs: Math.max(...waitsMs),
    waitsMs,
    tokens,
    // In part known is not known: the tightest bucket may be among the others.
    isUnknown: decided.some(({ verdict }) => verdict.isUnknown),
  };
}

function at<Value>(values: ArrayLike<Value>, places: Places): Value[] {
  return places.map((place) => values[place]);
}
