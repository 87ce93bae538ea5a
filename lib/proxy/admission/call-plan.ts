import { Patience } from '../../config/schema/waiting.js';
import { PlannedBuckets, Verdict } from '../../stores/bucket-store.js';

const NO_KEYS = ['', ''];
const ONE_EACH = [1, 1];
const ONE_EACH_BACK = [-1, -1];

/** One limit of a plan, as far as those who wait for it need to know. */
export interface CallLimit {
  readonly tokensPerMs: number;
  /** How calls may wait for it; nothing where it refuses them at once. */
  readonly patience: Patience | undefined;
  /** Whether it is the backend's own, which all of its calls share. */
  readonly isOwn: boolean;
}

/** The buckets that calls of one kind must pass together: the backend's own, the entry's, or both. */
export class CallPlan {
  /**
   * @param buckets what is decided together
   * @param limits the limit of each bucket
   */
  constructor(
    private buckets: PlannedBuckets,
    private currentLimits: readonly CallLimit[],
  ) {}

  /** The limit of each bucket. */
  get limits(): readonly CallLimit[] {
    return this.currentLimits;
  }

  /** Decides by other buckets from now on, also for those who wait already. */
  change(buckets: PlannedBuckets, limits: readonly CallLimit[]): void {
    this.buckets = buckets;
    this.currentLimits = limits;
  }

  /** Takes a token from each bucket, or from none. */
  decide(): Verdict | Promise<Verdict> {
    return this.buckets.decide(NO_KEYS, ONE_EACH);
  }

  /** Gives back what a call took that nobody wants any more. */
  giveBack(): void | Promise<void> {
    return this.buckets.adjust(NO_KEYS, ONE_EACH_BACK);
  }
}
