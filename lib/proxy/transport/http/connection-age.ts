import { Agent } from 'node:http';
import type { Socket } from 'node:net';

interface KeepingAgent extends Agent {
  createConnection(options: unknown, callback?: unknown): Socket;
  keepSocketAlive(socket: Socket): boolean;
}

/**
 * Lets no connection serve another call once it is older than `oldestMs`, so
 * that under steady traffic too a new address of the backend is found.
 */
export function limitAge(
  agent: Agent,
  oldestMs: number,
  nowMs: () => number,
): void {
  const keeping = agent as KeepingAgent;
  const bornMs = new WeakMap<Socket, number>();
  const connect = keeping.createConnection.bind(agent);
  keeping.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    bornMs.set(socket, nowMs());
    return socket;
  };
  const keep = keeping.keepSocketAlive.bind(agent);
  keeping.keepSocketAlive = (socket) =>
    nowMs() - (bornMs.get(socket) ?? 0) < oldestMs && keep(socket);
}
