import { Purchase } from '../lease/lease-account.js';
import { Trip } from '../outage/trip.js';
import { Errand } from './errand.js';

const DOUBLE = 8;
/** 64 plans of two buckets, which Redis decides in well below a millisecond. */
const MOST_FIGURES = 640;

/** Plans that make one trip together, in the order in which they came. */
export class PlanBatch {
  /** The buckets of all plans, each of them once. */
  readonly keys: string[] = [];
  private readonly places = new Map<string, number>();
  private readonly figures: number[] = [];
  private answers = 0;

  /** @param atMs the instant at which it is decided, in tests alone */
  constructor(
    readonly trip: Trip,
    readonly atMs: number | undefined,
  ) {}

  get isFull(): boolean {
    return this.figures.length >= MOST_FIGURES;
  }

  /** Takes one in; resolves with what came of it, or with nothing. */
  add(errand: Errand): Promise<Purchase | undefined> {
    const { keys, limits, amounts, requests } = errand;
    const place = this.answers;
    this.answers += 1 + keys.length;
    this.figures.push(keys.length, requests);
    for (let i = 0; i < keys.length; i++) {
      const { capacity, tokensPerMs } = limits[i];
      this.figures.push(this.placeOf(keys[i]), capacity, tokensPerMs);
      this.figures.push(amounts[i]);
    }
    return this.trip.ended.then((reply) =>
      reply === undefined
        ? undefined
        : purchaseAt(reply as Buffer, place, keys.length),
    );
  }

  /** What the script is given. */
  args(): (string | Buffer)[] {
    const plans = Buffer.allocUnsafe(this.figures.length * DOUBLE);
    this.figures.forEach((figure, i) =>
      plans.writeDoubleLE(figure, i * DOUBLE),
    );
    return this.atMs === undefined ? [plans] : [plans, String(this.atMs)];
  }

  /** The place of a key among all, from 1. */
  private placeOf(key: string): number {
    const known = this.places.get(key);
    if (known) return known;
    const place = this.keys.push(key);
    this.places.set(key, place);
    return place;
  }
}

function purchaseAt(reply: Buffer, place: number, buckets: number): Purchase {
  const tokens: number[] = [];
  for (let i = 1; i <= buckets; i++) {
    tokens.push(reply.readDoubleLE((place + i) * DOUBLE));
  }
  return { units: reply.readDoubleLE(place * DOUBLE), tokens };
}
