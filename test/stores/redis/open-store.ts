import { processClock } from '../../../lib/stores/clock.js';
import { Batches } from '../../../lib/stores/redis/plan/batches.js';
import { Leases } from '../../../lib/stores/redis/lease/leases.js';
import { openLink } from '../../../lib/stores/redis/link/open-link.js';
import { closed } from '../../../lib/stores/redis/outage/fallback.js';
import { RoundTrips } from '../../../lib/stores/redis/outage/round-trips.js';
import {
  redisStoreOptions,
  RedisStoreOptions,
} from '../../../lib/stores/redis/redis-store.schema.js';
import { keySecretOf, RedisStore } from '../../../lib/stores/redis/store.js';

/** Long enough for a machine that is busy with other things. */
const BUDGET_MS = 10_000;

/** A store that lives by a clock of the test and fails rather than doing without Redis. */
export async function openStoreAt(
  options: RedisStoreOptions,
  testClock?: () => number,
): Promise<RedisStore> {
  const config = redisStoreOptions.parse(options);
  const link = await openLink(config);
  const roundTrips = new RoundTrips(link, BUDGET_MS, processClock, () => {});
  const { prefix, lease } = config;
  const store = new RedisStore({
    link,
    prefix,
    keySecret: keySecretOf(config),
    batches: new Batches(link, roundTrips, testClock),
    leases: lease && new Leases(lease, testClock ?? processClock, 1_000),
    fallback: closed,
    roundTrips,
  });
  await store.onModuleInit();
  return store;
}
