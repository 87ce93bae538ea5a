import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { StageTimeout } from '../stage-timeout.js';

interface ConnectingAgent extends Agent {
  createConnection(options: unknown, callback?: unknown): Socket;
}

/**
 * Gives up connections that are not there within `limitMs`.
 *
 * @param made the event by which a socket says that it is connected
 */
export function limitConnecting(
  agent: Agent,
  made: 'connect' | 'secureConnect',
  limitMs: number,
): void {
  const connecting = agent as ConnectingAgent;
  const connect = connecting.createConnection.bind(agent);
  connecting.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    const timer = setTimeout(giveUp, limitMs, socket, limitMs);
    const settled = () => clearTimeout(timer);
    socket.once(made, settled);
    socket.once('close', settled);
    return socket;
  };
}

function giveUp(socket: Socket, limitMs: number): void {
  socket.destroy(new StageTimeout('connection', limitMs));
}
