import { StoreHost, StoreSource } from '../../config/schema/store.schema.js';
import { MemoryStore } from '../memory-store.js';
import { Batches } from './batch/batches.js';
import { FleetNotices } from './fleet/fleet-notices.js';
import { Leases } from './lease/leases.js';
import { openLink } from './link/open-link.js';
import { Heartbeat } from './outage/heartbeat.js';
import { LocalShare } from './outage/local-share.js';
import { closed, open, StandIn } from './outage/stand-ins.js';
import { tellOutage } from './outage/tell-outage.js';
import { Trips } from './outage/trips.js';
import {
  RedisStoreConfig,
  redisStoreOptions,
  RedisStoreOptions,
} from './redis-store.schema.js';
import { SharedStore } from './shared-store.js';

/**
 * Keeps the buckets of all instances in Redis 7 or Valkey, so that a limit holds
 * for the fleet: `ThrottleModule.forRoot({ store: redisStore({ url }) })`.
 *
 * A plan is decided in one trip, with Redis' own time. When Redis does not
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
): Promise<SharedStore> {
  const { prefix, onStoreFailure, decisionBudget, lease, instances } = config;
  const { clock } = host;
  const link = await openLink(config);
  const onOutage = tellOutage(onStoreFailure);
  const heartbeat = new Heartbeat(link, `${prefix}:instances`, instances);
  const trips = new Trips(link, decisionBudget, clock, onOutage);
  return new SharedStore({
    link,
    prefix,
    leases: lease && new Leases(lease, clock),
    batches: new Batches(link, trips),
    standIn: standInFor(config, heartbeat, host),
    heartbeat: onStoreFailure === 'local' ? heartbeat : undefined,
    fleet: new FleetNotices(link, `${prefix}:%notices`, heartbeat, clock),
  });
}

/** Who decides while Redis does not. */
function standInFor(
  { onStoreFailure }: RedisStoreConfig,
  { instances }: Heartbeat,
  { clock, maxClients }: StoreHost,
): StandIn {
  if (onStoreFailure === 'open') return open;
  if (onStoreFailure === 'closed') return closed;
  return new LocalShare(instances, () => new MemoryStore(clock, maxClients));
}
