import { BucketLimit } from '../../../core/bucket/bucket-limit.js';
import { Purchase } from '../lease/lease-account.js';
import { Trip } from '../outage/trip.js';
import { doublesIn, doublesOf } from './doubles.js';
import { AnyErrand } from './errand.js';
import { PlanKinds } from './plan-kinds.js';

/** 32 plans of two buckets: enough to share the cost of a trip, and so few that Redis and this process work at once. */
const MOST_BUCKETS = 64;

/** Plans that make one trip together, in the order in which they came. */
export class PlanBatch {
  /** The buckets of all plans, each of them once. */
  readonly keys: string[] = [];
  private readonly limits: BucketLimit[] = [];
  private readonly places = new Map<string, number>();
  private readonly kinds = new PlanKinds();
  private readonly plans: number[] = [];
  private readonly errands: AnyErrand[] = [];
  private asked = 0;

  /** @param atMs the instant at which it is decided, in tests alone */
  constructor(
    readonly trip: Trip,
    readonly atMs: number | undefined,
  ) {
    void trip.ended.then((reply) => this.end(reply as Buffer | undefined));
  }

  get isFull(): boolean {
    return this.asked >= MOST_BUCKETS;
  }

  /** Takes one in, unless it has another limit for a bucket that is in already; returns whether it did. */
  add(errand: AnyErrand): boolean {
    const { plans } = this;
    const { limits } = errand.buckets;
    const start = plans.length;
    plans.push(this.kinds.placeOf(errand));
    for (let i = 0; i < limits.length; i++) {
      const place = this.placeOf(errand.keyOf(i), limits[i]);
      if (place === undefined) {
        plans.length = start;
        return false;
      }
      plans.push(place);
    }
    this.asked += limits.length;
    this.errands.push(errand);
    return true;
  }

  /** What the script is given. */
  args(): (string | Buffer)[] {
    const { figures } = this.kinds;
    // Which comes first itself, and the script counts from 1.
    const firstPlan = 1 + figures.length + 1;
    const args = [doublesOf([firstPlan, ...figures, ...this.plans])];
    return this.atMs === undefined ? args : [...args, String(this.atMs)];
  }

  /** Tells everyone what the script replied, or that it did not. */
  private end(reply: Buffer | undefined): void {
    const figures = reply && doublesIn(reply);
    let place = 0;
    for (const errand of this.errands) {
      errand.end(figures && purchaseAt(figures, place, errand.size));
      place += 1 + errand.size;
    }
  }

  /** The place of a bucket among all, from 1; none where it has another limit there. */
  private placeOf(key: string, limit: BucketLimit): number | undefined {
    const known = this.places.get(key);
    if (known === undefined) {
      const place = this.keys.push(key);
      this.places.set(key, place);
      this.limits.push(limit);
      return place;
    }
    return isSame(this.limits[known - 1], limit) ? known : undefined;
  }
}

function isSame(one: BucketLimit, other: BucketLimit): boolean {
  return (
    one === other ||
    (one.capacity === other.capacity && one.tokensPerMs === other.tokensPerMs)
  );
}

/** What the script says of one plan: how many requests passed, then the tokens of its buckets. */
function purchaseAt(
  figures: readonly number[],
  place: number,
  buckets: number,
): Purchase {
  return {
    units: figures[place],
    tokens: figures.slice(place + 1, place + 1 + buckets),
  };
}
