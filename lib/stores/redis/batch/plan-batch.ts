import { BucketLimit } from '../../../core/bucket/bucket-limit.js';
import { Purchase } from '../lease/lease-account.js';
import { Trip } from '../outage/trip.js';
import { doubleAt, doublesOf } from './doubles.js';
import { AnyErrand } from './errand.js';

/** 64 plans of two buckets, which Redis decides in well below a millisecond. */
const MOST_BUCKETS = 128;

/** Plans that make one trip together, in the order in which they came. */
export class PlanBatch {
  /** The buckets of all plans, each of them once. */
  readonly keys: string[] = [];
  private readonly limits: BucketLimit[] = [];
  private readonly places = new Map<string, number>();
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
    const start = plans.length;
    plans.push(errand.size, errand.requests);
    for (let i = 0; i < errand.size; i++) {
      const limit = errand.buckets.limits[i];
      const place = this.placeOf(errand.keyOf(i), limit);
      if (place === undefined) {
        plans.length = start;
        return false;
      }
      const amount = errand.amounts[i];
      const isPossible =
        errand.requests === 0 || (amount >= 0 && amount <= limit.capacity);
      plans.push(place, isPossible ? amount : Infinity);
    }
    this.asked += errand.size;
    this.errands.push(errand);
    return true;
  }

  /** What the script is given. */
  args(): (string | Buffer)[] {
    const limits: number[] = [];
    for (const { capacity, tokensPerMs } of this.limits) {
      limits.push(capacity, tokensPerMs);
    }
    const args = [doublesOf(limits), doublesOf(this.plans)];
    return this.atMs === undefined ? args : [...args, String(this.atMs)];
  }

  /** Tells everyone what the script replied, or that it did not. */
  private end(reply: Buffer | undefined): void {
    let place = 0;
    for (const errand of this.errands) {
      errand.end(reply && purchaseAt(reply, place, errand.size));
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

function purchaseAt(reply: Buffer, place: number, buckets: number): Purchase {
  const tokens: number[] = [];
  for (let i = 1; i <= buckets; i++) tokens.push(doubleAt(reply, place + i));
  return { units: doubleAt(reply, place), tokens };
}
