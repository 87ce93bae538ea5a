import { Agent } from 'node:http';

/** The connections that every contestant over Node's own HTTP client gets. */
export const MOST_IDLE_CONNECTIONS = 250;

export function keepAliveAgent() {
  return new Agent({
    keepAlive: true,
    maxFreeSockets: MOST_IDLE_CONNECTIONS,
    scheduling: 'lifo',
  });
}
