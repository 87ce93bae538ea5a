import { ExecutionContext } from '@nestjs/common';
import { problemMessage } from '../../http/problem.js';
import { ClientConnection, ConnectionCaller } from './connection-caller.js';
import { nestPackages } from './nest-packages.js';
import { InboundTransport } from './transport.js';

interface NetSocket extends ClientConnection {
  readonly remoteAddress?: string;
  readonly destroyed: boolean;
}

/** The context of a TCP message; those of brokers have no socket of their sender. */
interface TcpContext {
  getSocketRef?(): { readonly netSocket?: NetSocket };
}

function socketOf(context: ExecutionContext): NetSocket | undefined {
  const rpc = context.getArgByIndex<TcpContext | undefined>(1);
  return rpc?.getSocketRef?.().netSocket;
}

/** Message and event handlers of microservices: a problem is an RpcException. */
export const rpc: InboundTransport = {
  sender: (context) => ({ ip: socketOf(context)?.remoteAddress }),
  response: () => undefined,
  caller(context) {
    const socket = socketOf(context);
    return (
      socket && new ConnectionCaller(socket, 'close', () => socket.destroyed)
    );
  },
  exception(problem) {
    const { RpcException } = nestPackages.microservices;
    const { body = problemMessage(problem) } = problem.answer ?? {};
    const exception = new RpcException(body as object);
    return Object.assign(exception, { cause: problem });
  },
};
