import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { restsIdle } from '../stale-connection.js';

interface KeepingAgent extends Agent {
  keepSocketAlive(socket: Socket): boolean;
}

/** Marks connections as they become idle, so that one which dies then can be told from one that dies at work. */
export function markIdle(agent: Agent): void {
  const keeping = agent as KeepingAgent;
  const keep = keeping.keepSocketAlive.bind(agent);
  keeping.keepSocketAlive = (socket) => {
    restsIdle(socket);
    return keep(socket);
  };
}
