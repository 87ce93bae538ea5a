import { Redis } from 'ioredis';
import { createClient } from 'redis';

/** A connection of `redis`, without the timer that it sets for each command: ours has none, so neither have the others. */
export function nodeRedis(port) {
  const url = `redis://127.0.0.1:${port}`;
  return createClient({ url, commandOptions: { timeout: 0 } }).connect();
}

/** A connection of `ioredis`. */
export async function ioredis(port) {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true });
  await client.connect();
  return client;
}
