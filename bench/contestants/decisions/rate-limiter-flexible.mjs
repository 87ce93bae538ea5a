import { RateLimiterMemory, RateLimiterUnion } from 'rate-limiter-flexible';

export const title = 'rate-limiter-flexible memory';
export const asynchronous = true;

export function decider({ limit, endpoint }) {
  const options = { points: limit.max, duration: limit.everyMs / 1000 };
  const clients = new RateLimiterMemory({ ...options, keyPrefix: 'client' });
  if (!endpoint) return consuming(clients);
  // The union asks both for the same key, which is as near as it comes to endpoint + client.
  const all = new RateLimiterMemory({ ...options, keyPrefix: 'all' });
  return consuming(new RateLimiterUnion(all, clients));
}

function consuming(limiter) {
  return async (key) => {
    try {
      await limiter.consume(key);
      return true;
    } catch {
      return false;
    }
  };
}
