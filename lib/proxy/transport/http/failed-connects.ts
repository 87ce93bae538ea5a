import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { isCancel } from 'axios';

interface ConnectingAgent extends Agent {
  createConnection(options: Address, callback?: unknown): Socket;
}

interface Address {
  host: string;
  port: number | string;
}

/**
 * Tells of each connection that could not be made: refused, unresolved, or not
 * there when the call that wanted it ran out of time. A call that its caller
 * cancelled meanwhile tells nothing.
 *
 * @param made the event by which a socket says that it is connected
 */
export function onFailedConnect(
  agent: Agent,
  made: 'connect' | 'secureConnect',
  tell: (address: string) => void,
): void {
  const connecting = agent as ConnectingAgent;
  const connect = connecting.createConnection.bind(agent);
  connecting.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    const onClose = () => {
      const { errored } = socket;
      if (errored && !isCancel(errored)) {
        tell(`${options.host}:${options.port}`);
      }
    };
    socket.once('close', onClose);
    socket.once(made, () => socket.off('close', onClose));
    return socket;
  };
}
