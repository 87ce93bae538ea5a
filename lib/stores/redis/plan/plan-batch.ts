import { BucketLimit } from '../../../core/bucket/bucket-limit.js';
import { RoundTrip } from '../outage/round-trips.js';
import { UnexpectedReply } from '../outage/unexpected-reply.js';
import { decodeFloat64s, encodeFloat64s } from './float64.js';
import { AnyPendingPlan, Purchase } from './pending-plan.js';

/** 32 plans of two buckets: enough to share the cost of a round trip, and so few that Redis and this process work at once. */
const MOST_BUCKETS = 64;

/** Plans that make one round trip together, in the order in which they came. */
export class PlanBatch {
  /** The buckets of all plans, each of them once. */
  readonly keys: string[] = [];
  private readonly limits: BucketLimit[] = [];
  private readonly places = new Map<string, number>();
  private readonly kinds = new PlanKinds();
  private readonly planFigures: number[] = [];
  private readonly plans: AnyPendingPlan[] = [];
  private asked = 0;

  /**
   * @param number tells this question from all others
   * @param atMs the instant at which it is decided, in tests alone
   */
  constructor(
    readonly trip: RoundTrip<readonly Purchase[]>,
    private readonly number: number,
    readonly atMs: number | undefined,
  ) {
    void trip.ended.then((bought) => this.end(bought));
  }

  get isFull(): boolean {
    return this.asked >= MOST_BUCKETS;
  }

  /** Takes one in, unless it has another limit for a bucket that is in already; returns whether it did. */
  add(plan: AnyPendingPlan): boolean {
    const { planFigures: figures } = this;
    const { limits } = plan.buckets;
    const start = figures.length;
    figures.push(this.kinds.placeOf(plan));
    for (let i = 0; i < limits.length; i++) {
      const place = this.placeOf(plan.keyOf(i), limits[i]);
      if (place === undefined) {
        figures.length = start;
        return false;
      }
      figures.push(place);
    }
    this.asked += limits.length;
    this.plans.push(plan);
    return true;
  }

  /** What the script is given. */
  args(): (string | Buffer)[] {
    const { figures } = this.kinds;
    // The two that come first themselves, and the script counts from 1.
    const firstPlan = FIRST_KIND + figures.length;
    const all = [firstPlan, this.number, ...figures, ...this.planFigures];
    const args = [encodeFloat64s(all)];
    return this.atMs === undefined ? args : [...args, String(this.atMs)];
  }

  /**
   * Reads what the script replied.
   *
   * @throws UnexpectedReply where it is not what the script replies to these plans
   */
  read(reply: unknown): Purchase[] {
    const count = 1 + this.plans.length + this.asked;
    if (!Buffer.isBuffer(reply) || reply.length !== 8 * count) {
      throw new UnexpectedReply(reply, `${8 * count} bytes`);
    }
    const figures = decodeFloat64s(reply);
    if (figures[0] !== this.number) {
      throw new UnexpectedReply(reply, 'with the number of the question');
    }
    let place = 1;
    return this.plans.map((plan) => {
      const end = place + 1 + plan.size;
      const bought = {
        units: figures[place],
        tokens: figures.slice(place + 1, end),
      };
      if (!isPossible(bought, plan)) {
        throw new UnexpectedReply(reply, 'with figures that are possible');
      }
      place = end;
      return bought;
    });
  }

  /** Tells everyone what was bought, or that there was no answer. */
  private end(bought: readonly Purchase[] | undefined): void {
    for (const [i, plan] of this.plans.entries()) plan.end(bought?.[i]);
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

function isPossible({ units, tokens }: Purchase, plan: AnyPendingPlan) {
  const { limits } = plan.buckets;
  return (
    Number.isInteger(units) &&
    units >= 0 &&
    // An adjustment passes once.
    units <= Math.max(plan.requests, 1) &&
    tokens.every((left, i) => left <= limits[i].capacity)
  );
}

function isSame(one: BucketLimit, other: BucketLimit): boolean {
  return (
    one === other ||
    (one.capacity === other.capacity && one.tokensPerMs === other.tokensPerMs)
  );
}

/** Where the plans of a batch begin and the number of the question come before the kinds; the script counts from 1. */
const FIRST_KIND = 3;

/** What the plans of a batch have in common, once for each kind of them. */
export class PlanKinds {
  /** As the script takes them. */
  readonly figures: number[] = [];
  /** One plan of each kind, and where the kind stands among all figures. */
  private readonly known: { plan: AnyPendingPlan; at: number }[] = [];

  /** Where the kind of a plan stands. */
  placeOf(plan: AnyPendingPlan): number {
    for (const kind of this.known) {
      if (isOfOneKind(kind.plan, plan)) return kind.at;
    }
    return this.added(plan);
  }

  private added(plan: AnyPendingPlan): number {
    const { figures } = this;
    const { buckets, requests, amounts } = plan;
    const at = FIRST_KIND + figures.length;
    figures.push(plan.size, requests);
    for (const [i, { capacity, tokensPerMs }] of buckets.limits.entries()) {
      const amount = amounts[i];
      const isPossible = requests === 0 || (amount >= 0 && amount <= capacity);
      figures.push(capacity, tokensPerMs, isPossible ? amount : Infinity);
    }
    this.known.push({ plan, at });
    return at;
  }
}

function isOfOneKind(one: AnyPendingPlan, other: AnyPendingPlan): boolean {
  if (one.buckets !== other.buckets || one.requests !== other.requests) {
    return false;
  }
  for (let i = 0; i < one.size; i++) {
    if (one.amounts[i] !== other.amounts[i]) return false;
  }
  return true;
}
