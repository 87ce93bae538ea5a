import { FleetNotices } from './fleet/fleet-notices.js';
import { BucketSpec, BucketStore, PlannedBuckets } from '../bucket-store.js';
import { Fleet } from '../fleet.js';
import { Batches } from './batch/batches.js';
import { BucketKeys } from './bucket-keys.js';
import { RedisLink } from './link/redis-link.js';
import { Leases } from './lease/leases.js';
import { Heartbeat } from './outage/heartbeat.js';
import { StandIn } from './outage/stand-ins.js';
import { RedisPlan } from './redis-plan.js';
import { SpanningPlan } from './spanning-plan.js';

/** The application starts without Redis after this long; it is decided then as while Redis is down. */
const LONGEST_START_MS = 1_000;

/** What a store of Redis is put together from. */
export interface SharedStoreParts {
  readonly link: RedisLink;
  readonly prefix: string;
  readonly batches: Batches;
  /** Decides while Redis does not. */
  readonly standIn: StandIn;
  /** Where tokens are taken in batches. */
  readonly leases?: Leases;
  /** Where the number of instances matters to the stand-in. */
  readonly heartbeat?: Heartbeat;
  /** What instances tell each other beside their buckets. */
  readonly fleet?: FleetNotices;
}

/** Buckets in Redis, shared by all instances of one prefix. */
export class SharedStore implements BucketStore {
  readonly isLocal = false;
  readonly fleet?: Fleet;

  constructor(private readonly parts: SharedStoreParts) {
    this.fleet = parts.fleet;
  }

  /** @throws RangeError when a bucket stands in the plan twice */
  plan(specs: readonly BucketSpec[]): PlannedBuckets {
    if (new Set(specs.map(({ id }) => id)).size < specs.length) {
      throw new RangeError('a plan takes each of its buckets once');
    }
    const { link, prefix } = this.parts;
    const keys = specs.map(
      (spec) => new BucketKeys(prefix, spec, link.isCluster),
    );
    return link.isCluster && specs.length > 1
      ? new SpanningPlan(keys, (some) => this.planOf(specs, keys, some))
      : this.planOf(specs, keys, [...specs.keys()]);
  }

  /** Connects; called by Nest before the application listens. */
  async onModuleInit(): Promise<void> {
    const { link, heartbeat, fleet } = this.parts;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      link.connect(),
      new Promise((resolve) => {
        timer = setTimeout(resolve, LONGEST_START_MS);
      }),
    ]);
    clearTimeout(timer);
    heartbeat?.start();
    fleet?.start();
  }

  /** Closes the connection; called by Nest when nothing is answered any more. */
  async onApplicationShutdown(): Promise<void> {
    const { link, batches, heartbeat, leases, fleet } = this.parts;
    await fleet?.stop();
    await leases?.close();
    batches.close();
    await heartbeat?.stop();
    link.close();
  }

  private planOf(
    specs: readonly BucketSpec[],
    keys: readonly BucketKeys[],
    some: readonly number[],
  ): PlannedBuckets {
    const { batches, standIn, leases } = this.parts;
    const ownSpecs = some.map((i) => specs[i]);
    const plan = new RedisPlan(
      ownSpecs,
      some.map((i) => keys[i]),
      batches,
      standIn.plan(ownSpecs),
    );
    return leases?.of(plan, ownSpecs) ?? plan;
  }
}
