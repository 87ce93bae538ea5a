import { RedisStore } from 'rate-limit-redis';
import { nodeRedis } from './connections.mjs';

/** The store of express-rate-limit. Its middleware awaits the store, then compares; so does this, with a store a limit. */
export async function decider({ port, limit, endpoint }) {
  const client = await nodeRedis(port);
  const sendCommand = (...command) => client.sendCommand(command);
  const clients = await store('client:', sendCommand, limit);
  const decideClient = async (key) =>
    (await clients.increment(key)).totalHits <= limit.max;
  if (!endpoint) return decideClient;
  const all = await store('all:', sendCommand, limit);
  return async (key) =>
    (await all.increment('all')).totalHits <= limit.max && decideClient(key);
}

async function store(prefix, sendCommand, { everyMs }) {
  const redis = new RedisStore({ prefix, sendCommand });
  await redis.init({ windowMs: everyMs });
  return redis;
}
