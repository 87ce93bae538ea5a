import { RateLimiterRedis, RateLimiterUnion } from 'rate-limiter-flexible';
import { ioredis } from './connections.mjs';

export async function decider({ port, limit, endpoint }) {
  const options = {
    storeClient: await ioredis(port),
    points: limit.max,
    duration: limit.everyMs / 1000,
  };
  const clients = new RateLimiterRedis({ ...options, keyPrefix: 'client' });
  if (!endpoint) return consuming(clients);
  // The union asks both for the same key, which is as near as it comes to endpoint + client.
  const all = new RateLimiterRedis({ ...options, keyPrefix: 'all' });
  return consuming(new RateLimiterUnion(all, clients));
}

/** Errors of Redis are no refusals. */
function consuming(limiter) {
  const onAdmitted = () => true;
  const onRejected = (reason) => {
    if (reason instanceof Error) throw reason;
    return false;
  };
  return (key) => limiter.consume(key).then(onAdmitted, onRejected);
}
