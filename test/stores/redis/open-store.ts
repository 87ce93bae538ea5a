import { processClock } from '../../../lib/stores/clock.js';
import { Batches } from '../../../lib/stores/redis/batch/batches.js';
import { Leases } from '../../../lib/stores/redis/lease/leases.js';
import { openLink } from '../../../lib/stores/redis/link/open-link.js';
import { closed } from '../../../lib/stores/redis/outage/stand-ins.js';
import { Trips } from '../../../lib/stores/redis/outage/trips.js';
import {
  redisStoreOptions,
  RedisStoreOptions,
} from '../../../lib/stores/redis/redis-store.schema.js';
import { SharedStore } from '../../../lib/stores/redis/shared-store.js';

/** Long enough for a machine that is busy with other things. */
const BUDGET_MS = 10_000;

/** A store that lives by a clock of the test and fails rather than doing without Redis. */
export async function openStoreAt(
  options: RedisStoreOptions,
  testClock?: () => number,
): Promise<SharedStore> {
  const config = redisStoreOptions.parse(options);
  const link = await openLink(config);
  const trips = new Trips(link, BUDGET_MS, processClock, () => {});
  const { prefix, lease } = config;
  const store = new SharedStore({
    link,
    prefix,
    batches: new Batches(link, trips, testClock),
    leases: lease && new Leases(lease, testClock ?? processClock),
    standIn: closed,
  });
  await store.onModuleInit();
  return store;
}
