import { BucketLimit } from '../../../core/bucket/bucket-limit.js';
import { BucketKeys } from './bucket-keys.js';

/** The buckets of a plan, all of one slot. */
export interface AskedBuckets {
  readonly keys: readonly BucketKeys[];
  readonly limits: readonly BucketLimit[];
}

/** What came of an attempt to pay for several requests. */
export interface Purchase {
  /** For how many of them there was enough. */
  readonly units: number;
  /** Tokens in each bucket after it. */
  readonly tokens: readonly number[];
}

/** Says what follows from a purchase, or from there being no answer. */
export type OutcomeOf<Outcome> = (
  bought: Purchase | undefined,
  plan: AnyPendingPlan,
) => Outcome | Promise<Outcome>;

/** One of which it does not matter what comes of it. */
export type AnyPendingPlan = Pick<
  PendingPlan<unknown>,
  keyof PendingPlan<unknown>
>;

/** What a plan asks of Redis, for somebody who waits for what comes of it. */
export class PendingPlan<Outcome> {
  /** Keys may be hashes, and are asked for more than once. */
  private readonly keys: string[] = [];
  private resolve!: (outcome: Outcome | Promise<Outcome>) => void;
  private reject!: (error: unknown) => void;

  /**
   * @param clients who asks, for each bucket that has a key
   * @param amounts what a request takes of each bucket, or what an adjustment does
   * @param requests how many are asked for at once; 0 adjusts without asking
   */
  constructor(
    readonly buckets: AskedBuckets,
    readonly clients: readonly string[],
    readonly amounts: readonly number[],
    readonly requests: number,
    private readonly outcomeOf: OutcomeOf<Outcome>,
  ) {}

  get size(): number {
    return this.buckets.limits.length;
  }

  /** The key of one of its buckets. */
  keyOf(place: number): string {
    return (this.keys[place] ??= this.buckets.keys[place].of(
      this.clients[place],
    ));
  }

  /** A key of the same slot that stands for nothing. */
  probeKey(): string {
    return this.buckets.keys[0].probeOf(this.clients[0]);
  }

  /** What will come of it, once it is on its way. */
  outcome(): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Tells what was bought, or that there was no answer. */
  end(bought: Purchase | undefined): void {
    try {
      this.resolve(this.outcomeOf(bought, this));
    } catch (error) {
      // Of this one alone: the others of its batch must still be told.
      this.reject(error);
    }
  }
}
