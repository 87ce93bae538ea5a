import { ExecutionContext } from '@nestjs/common';
import { AnyResponse, HttpCaller } from '../../http/request-life.js';
import { handshakeSender, Handshake } from './handshake.js';
import { HttpResponse, Sender, InboundTransport } from './transport.js';

/** What drivers and applications put into the context of an operation. */
interface OperationContext {
  /** The request of Express or Fastify; for a subscription, what graphql-ws knows of its connection. */
  readonly req?: OperationRequest;
  readonly request?: OperationRequest;
  readonly res?: OperationResponse;
  readonly reply?: OperationResponse & { readonly request?: OperationRequest };
}

type OperationRequest = Sender & {
  /** An Express request knows its response. */
  readonly res?: OperationResponse;
  readonly extra?: { readonly request?: Handshake };
};

type OperationResponse = HttpResponse &
  AnyResponse & { readonly headersSent?: boolean; readonly sent?: boolean };

/** A reference resolver has no arguments, so its context comes one position earlier. */
export function operationOf(context: ExecutionContext): unknown {
  const args = context.getArgs<unknown[]>();
  return args.length === 3 ? args[1] : args[2];
}

function contextOf(context: ExecutionContext): OperationContext {
  const operation = operationOf(context);
  return typeof operation === 'object' && operation !== null ? operation : {};
}

function responseOf(context: ExecutionContext): OperationResponse | undefined {
  const { res, reply, req } = contextOf(context);
  return res ?? reply ?? req?.res;
}

/** Resolvers, over HTTP and over graphql-ws: a problem is an error whose extensions contain what its headers would. */
export const graphql: InboundTransport = {
  sender(context) {
    const { req, request, reply } = contextOf(context);
    const sender = req ?? request ?? reply?.request ?? {};
    const upgrade = sender.extra?.request;
    return upgrade ? handshakeSender(upgrade) : sender;
  },
  response(context) {
    const response = responseOf(context);
    return response?.headersSent || response?.sent ? undefined : response;
  },
  caller(context) {
    const response = responseOf(context);
    return response && new HttpCaller(response);
  },
  exception: (problem) => problem,
};
