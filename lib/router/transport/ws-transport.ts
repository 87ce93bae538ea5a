import { ExecutionContext } from '@nestjs/common';
import { problemMessage } from '../../http/problem.js';
import { ClientConnection, ConnectionCaller } from './connection-caller.js';
import { handshakeSender } from './handshake.js';
import { nestPackages } from './nest-packages.js';
import { Sender, InboundTransport } from './transport.js';
import { upgradeOf } from './upgrade-requests.js';

/** A socket.io client. */
interface IoSocket extends ClientConnection {
  readonly handshake: {
    readonly address: string;
    readonly headers: Readonly<Record<string, unknown>>;
  };
  readonly disconnected: boolean;
}

/** A ws client, which doesn't know its own request. */
interface WebSocket extends ClientConnection {
  readonly readyState: number;
}

const CLOSING = 2;

type Client = IoSocket | WebSocket;

const clientOf = (context: ExecutionContext) =>
  context.getArgByIndex<Client>(0);

/** Message handlers of gateways: a problem is a WsException, and the connection stays open. */
export const ws: InboundTransport = {
  sender(context): Sender {
    const client = clientOf(context);
    if ('handshake' in client) {
      const { address, headers } = client.handshake;
      return { ip: address, headers };
    }
    const upgrade = upgradeOf(client);
    return upgrade ? handshakeSender(upgrade) : {};
  },
  response: () => undefined,
  caller(context) {
    const client = clientOf(context);
    return 'handshake' in client
      ? new ConnectionCaller(client, 'disconnect', () => client.disconnected)
      : new ConnectionCaller(
          client,
          'close',
          () => client.readyState >= CLOSING,
        );
  },
  exception(problem) {
    const { WsException } = nestPackages.websockets;
    const { body = problemMessage(problem) } = problem.answer ?? {};
    const exception = new WsException(body as object);
    return Object.assign(exception, { cause: problem });
  },
};
