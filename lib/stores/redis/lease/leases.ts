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
  /** Those that have anything: one that was replaced is let go of when its leases are over. */
  private readonly inUse = new Set<LeasedPlan>();
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
    return new LeasedPlan(plan, terms, this.clock, this.onUse);
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.sweepAll(Infinity);
  }

  private readonly onUse = (plan: LeasedPlan): void => {
    this.inUse.add(plan);
    this.timer ??= this.sweepLater();
  };

  private sweepLater(): NodeJS.Timeout {
    return setTimeout(() => void this.sweep(), this.config.life).unref();
  }

  private async sweep(): Promise<void> {
    await this.sweepAll(this.clock());
    for (const plan of this.inUse) if (plan.isIdle) this.inUse.delete(plan);
    this.timer = this.inUse.size > 0 ? this.sweepLater() : undefined;
  }

  private async sweepAll(nowMs: number): Promise<void> {
    await Promise.all([...this.inUse].map((plan) => plan.sweep(nowMs)));
  }
}
