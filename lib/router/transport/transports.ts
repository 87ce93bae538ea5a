import { ExecutionContext } from '@nestjs/common';
import { AnyResponse, HttpCaller } from '../../http/request-life.js';
import { graphql } from './graphql-transport.js';
import { rpc } from './rpc-transport.js';
import {
  FastifyReply,
  HttpResponse,
  Sender,
  InboundTransport,
} from './transport.js';
import { ws } from './ws-transport.js';

/** Express and Fastify requests, which are their own sender; exceptions are thrown unchanged. */
const http: InboundTransport = {
  sender: (context) => context.getArgByIndex<Sender>(0),
  response: (context: ExecutionContext) =>
    context.getArgByIndex<HttpResponse>(1),
  caller: (context) => new HttpCaller(context.getArgByIndex<AnyResponse>(1)),
  exception: (problem) => problem,
};

/** An unknown transport: nothing is known of its senders, and exceptions are thrown unchanged. */
const unknown: InboundTransport = {
  sender: () => ({}),
  response: () => undefined,
  caller: () => undefined,
  exception: (problem) => problem,
};

const transports = new Map<string, InboundTransport>([
  ['http', http],
  ['graphql', graphql],
  ['ws', ws],
  ['rpc', rpc],
]);

/** The transport over which a handler is called. */
export function inboundTransportOf(
  context: ExecutionContext,
): InboundTransport {
  const type = context.getType();
  return type === 'http' ? http : (transports.get(type) ?? unknown);
}

export function isFastify(response: HttpResponse): response is FastifyReply {
  return !('setHeader' in response);
}

/**
 * Sets a header, whichever framework the response belongs to.
 *
 * @param name in lower case, as all of them store it: for any other they would
 *   create a new string each time
 */
export function setHeader(
  response: HttpResponse,
  name: string,
  value: string,
): void {
  if (isFastify(response)) response.header(name, value);
  else response.setHeader(name, value);
}

/** Appends items to a header that holds a list. */
export function addToList(
  response: HttpResponse,
  name: string,
  items: string,
): void {
  const earlier = response.getHeader(name);
  setHeader(
    response,
    name,
    typeof earlier === 'string' ? `${earlier}, ${items}` : items,
  );
}
