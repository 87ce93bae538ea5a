import { BucketSpec, PlannedBuckets } from '../../bucket-store.js';
import { Clock } from '../../clock.js';
import { RedisPlan } from '../redis-plan.js';
import { LeasedPlan } from './leased-plan.js';

/** How leases are configured. */
export interface LeaseConfig {
  /** The share of a bucket's capacity that one instance may hold. */
  readonly share: number;
  /** How long it may hold it. */
  readonly life: number;
}

/** The leases of this instance. One timer gives back what is not used, while there is anything to give back. */
export class Leases {
  private readonly plans: LeasedPlan[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: LeaseConfig,
    private readonly clock: Clock,
  ) {}

  /** The plan, with leases. */
  of(plan: RedisPlan, specs: readonly BucketSpec[]): PlannedBuckets {
    const { share, life } = this.config;
    const mostTokens = specs.map(({ limit }) => limit.capacity * share);
    const terms = { mostTokens, lifeMs: life };
    const leased = new LeasedPlan(plan, terms, this.clock, () => {
      this.timer ??= this.sweepLater();
    });
    this.plans.push(leased);
    return leased;
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await Promise.all(this.plans.map((plan) => plan.sweep(Infinity)));
  }

  private sweepLater(): NodeJS.Timeout {
    return setTimeout(() => void this.sweep(), this.config.life).unref();
  }

  private async sweep(): Promise<void> {
    const nowMs = this.clock();
    const left = await Promise.all(this.plans.map((plan) => plan.sweep(nowMs)));
    this.timer = left.some(Boolean) ? this.sweepLater() : undefined;
  }
}
