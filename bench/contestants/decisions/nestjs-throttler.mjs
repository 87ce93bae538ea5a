import { ThrottlerStorageService } from '@nestjs/throttler';

export const title = '@nestjs/throttler storage';
export const asynchronous = true;

/** As its guard calls the storage: one await a tier, block duration equal to the window. */
export function decider({ limit, endpoint }) {
  const storage = new ThrottlerStorageService();
  const { max, everyMs } = limit;
  const decide = async (key, tier) =>
    !(await storage.increment(key, everyMs, max, everyMs, tier)).isBlocked;
  if (!endpoint) return (key) => decide(key, 'client');
  return async (key) =>
    (await decide('all', 'endpoint')) && decide(key, 'client');
}
