import { StoreHost, StoreSource } from '../../config/schema/store.schema.js';
import { BucketSpec, BucketStore, PlannedBuckets } from '../bucket-store.js';
import { Fleet } from '../fleet.js';
import { MemoryStore } from '../memory-store.js';
import { FleetNotices } from './fleet/fleet-notices.js';
import { Heartbeat } from './fleet/heartbeat.js';
import { Leases } from './lease/leases.js';
import { openLink } from './link/open-link.js';
import { RedisLink } from './link/redis-link.js';
import { closed, Fallback, LocalShare, open } from './outage/fallback.js';
import { OutageLog } from './outage/outage-log.js';
import { RoundTrips } from './outage/round-trips.js';
import { Batches } from './plan/batches.js';
import { BucketKeys } from './plan/bucket-keys.js';
import { RedisPlan } from './plan/redis-plan.js';
import { SpanningPlan } from './plan/spanning-plan.js';
import {
  RedisStoreConfig,
  redisStoreOptions,
  RedisStoreOptions,
} from './redis-store.schema.js';
import { seeDocs } from '../../core/docs-address.js';

/** The application starts without Redis after this long; it is decided then as while Redis is down. */
const LONGEST_START_MS = 1_000;
/** The application closes after this long, whatever has not been given back by then. */
const LONGEST_CLOSE_MS = 1_000;

/**
 * Keeps the buckets of all instances in Redis 7 or Valkey, so that a limit holds
 * for the fleet: `ThrottleModule.forRoot({ store: redisStore({ url }) })`.
 *
 * A plan is decided in one round trip, with Redis' own time. When Redis does not
 * answer within `decisionBudget` (default 50ms), requests are decided as
 * `onStoreFailure` says (default `local`) until it does again. Wrong options are
 * faults at boot, like all others.
 */
export function redisStore(options: RedisStoreOptions): StoreSource {
  return {
    schema: redisStoreOptions,
    options,
    open: (host) => openStore(redisStoreOptions.parse(options), host),
  };
}

async function openStore(
  config: RedisStoreConfig,
  host: StoreHost,
): Promise<RedisStore> {
  const { prefix, onStoreFailure, decisionBudget, lease, instances } = config;
  const { clock, maxClients } = host;
  const link = await openLink(config);
  const log = new OutageLog(onStoreFailure, prefix);
  const roundTrips = new RoundTrips(link, decisionBudget, clock, log.tell);
  const heartbeat = new Heartbeat(roundTrips, `${prefix}:instances`, instances);
  return new RedisStore({
    link,
    prefix,
    keySecret: keySecretOf(config),
    roundTrips,
    log,
    leases: lease && new Leases(lease, clock, maxClients),
    batches: new Batches(link, roundTrips),
    fallback: fallbackFor(config, heartbeat, host),
    heartbeat: onStoreFailure === 'local' ? heartbeat : undefined,
    fleet: new FleetNotices(roundTrips, `${prefix}:%notices`, heartbeat, clock),
  });
}

/** What keys are hashed with; nothing where they are to be readable. */
export function keySecretOf({
  hashKeys,
  keySecret,
  prefix,
}: RedisStoreConfig): string | undefined {
  return hashKeys ? (keySecret ?? prefix) : undefined;
}

/** Who decides while Redis does not. */
function fallbackFor(
  { onStoreFailure }: RedisStoreConfig,
  { instances }: Heartbeat,
  { clock, maxClients }: StoreHost,
): Fallback {
  if (onStoreFailure === 'open') return open;
  if (onStoreFailure === 'closed') return closed;
  return new LocalShare(instances, new MemoryStore(clock, maxClients));
}

/** What a store of Redis is put together from. */
export interface RedisStoreParts {
  readonly link: RedisLink;
  readonly prefix: string;
  /** What the keys of clients that may be secrets are hashed with; readable without. */
  readonly keySecret?: string;
  readonly roundTrips: RoundTrips;
  readonly batches: Batches;
  /** Decides while Redis does not. */
  readonly fallback: Fallback;
  readonly log?: OutageLog;
  /** Where tokens are taken in batches. */
  readonly leases?: Leases;
  /** Where the number of instances matters to the fallback. */
  readonly heartbeat?: Heartbeat;
  /** What instances tell each other beside their buckets. */
  readonly fleet?: FleetNotices;
}

/** Buckets in Redis, shared by all instances of one prefix. */
export class RedisStore implements BucketStore {
  readonly isLocal = false;
  readonly fleet?: Fleet;

  constructor(private readonly parts: RedisStoreParts) {
    this.fleet = parts.fleet;
  }

  /** @throws RangeError when a bucket stands in the plan twice */
  plan(specs: readonly BucketSpec[]): PlannedBuckets {
    if (new Set(specs.map(({ id }) => id)).size < specs.length) {
      throw new RangeError(
        `a plan takes each of its buckets once. ${seeDocs('errors', 'repeated-bucket')}`,
      );
    }
    const { link, prefix, keySecret: secret } = this.parts;
    const writing = { prefix, isCluster: link.isCluster, secret };
    const keys = specs.map((spec) => new BucketKeys(writing, spec));
    return link.isCluster && specs.length > 1
      ? new SpanningPlan(keys, (some) => this.planOf(specs, keys, some))
      : this.planOf(specs, keys, [...specs.keys()]);
  }

  /** Connects; called by Nest before the application listens. */
  async onModuleInit(): Promise<void> {
    const { heartbeat, fleet } = this.parts;
    await atMost(LONGEST_START_MS, this.connect());
    heartbeat?.start();
    fleet?.start();
  }

  /** Gives back what is leased and closes the connection, within a second whether Redis answers or not; called by Nest when nothing is answered any more. */
  async onApplicationShutdown(): Promise<void> {
    const { link, roundTrips, batches, log } = this.parts;
    await atMost(LONGEST_CLOSE_MS, this.takeLeave());
    batches.close();
    roundTrips.close();
    log?.close();
    link.close();
  }

  private async connect(): Promise<void> {
    const { link, roundTrips, prefix } = this.parts;
    await link.connect();
    await roundTrips.greet(`${prefix}:%probe`);
  }

  private async takeLeave(): Promise<void> {
    const { heartbeat, leases, fleet } = this.parts;
    await Promise.all([fleet?.stop(), leases?.close(), heartbeat?.stop()]);
  }

  private planOf(
    specs: readonly BucketSpec[],
    keys: readonly BucketKeys[],
    some: readonly number[],
  ): PlannedBuckets {
    const { batches, fallback, leases } = this.parts;
    const ownSpecs = some.map((i) => specs[i]);
    const plan = new RedisPlan(
      ownSpecs,
      some.map((i) => keys[i]),
      batches,
      fallback.plan(ownSpecs),
    );
    return leases?.of(plan, ownSpecs) ?? plan;
  }
}

/** Waits for something, but not for longer, and not for whether it went well. */
async function atMost(ms: number, going: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([going.catch(() => {}), late]);
  clearTimeout(timer);
}
