import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { ioredis } from './connections.mjs';

/** As the guard of @nestjs/throttler calls its storage: one await a tier, block duration equal to the window. */
export async function decider({ port, limit, endpoint }) {
  const storage = new ThrottlerStorageRedisService(await ioredis(port));
  const { max, everyMs } = limit;
  const decide = async (key, tier) =>
    !(await storage.increment(key, everyMs, max, everyMs, tier)).isBlocked;
  if (!endpoint) return (key) => decide(key, 'client');
  return async (key) =>
    (await decide('all', 'endpoint')) && decide(key, 'client');
}
