import { MemoryStore } from 'express-rate-limit';

export const title = 'express-rate-limit MemoryStore';
export const asynchronous = true;

function store(limit) {
  const memory = new MemoryStore();
  memory.init({ windowMs: Math.min(limit.everyMs, 2 ** 31 - 1) });
  return memory;
}

/** The middleware awaits the store, then compares; so does this. */
export function decider({ limit, endpoint }) {
  const clients = store(limit);
  const decideClient = async (key) =>
    (await clients.increment(key)).totalHits <= limit.max;
  if (!endpoint) return decideClient;
  const all = store(limit);
  return async (key) =>
    (await all.increment('all')).totalHits <= limit.max && decideClient(key);
}
