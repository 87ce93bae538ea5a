import { Agent } from 'node:http';
import type { Socket } from 'node:net';

interface KeepingAgent extends Agent {
  keepSocketAlive(socket: Socket): boolean;
}

/** Lets an agent keep at most `most` idle connections over all hosts; Node itself only bounds them per host. */
export function boundIdle(agent: Agent, most: number): void {
  const keeping = agent as KeepingAgent;
  const keep = keeping.keepSocketAlive.bind(keeping);
  keeping.keepSocketAlive = (socket) =>
    idleConnections(agent) < most && keep(socket);
}

/** Idle connections over all hosts. */
export function idleConnections(agent: Agent): number {
  let idle = 0;
  for (const sockets of Object.values(agent.freeSockets))
    idle += sockets?.length ?? 0;
  return idle;
}
