import { ExecutionContext } from '@nestjs/common';
import { AnyResponse, HttpCaller } from '../../http/request-life.js';
import { graphql } from './graphql-transport.js';
import { rpc } from './rpc-transport.js';
import { FastifyReply, HttpResponse, Sender, Transport } from './transport.js';
import { ws } from './ws-transport.js';

/** Requests of Express and Fastify: they are exceptions' home, and their own sender. */
const http: Transport = {
  sender: (context) => context.getArgByIndex<Sender>(0),
  response: (context: ExecutionContext) =>
    context.getArgByIndex<HttpResponse>(1),
  caller: (context) => new HttpCaller(context.getArgByIndex<AnyResponse>(1)),
  exception: (problem) => problem,
};

/** One that is not known here: nothing is known of its senders, and it gets exceptions as they are. */
const unknown: Transport = {
  sender: () => ({}),
  response: () => undefined,
  caller: () => undefined,
  exception: (problem) => problem,
};

const transports = new Map<string, Transport>([
  ['http', http],
  ['graphql', graphql],
  ['ws', ws],
  ['rpc', rpc],
]);

/** The transport that a handler is called over. */
export function transportOf(context: ExecutionContext): Transport {
  const type = context.getType();
  return type === 'http' ? http : (transports.get(type) ?? unknown);
}

export function isFastify(response: HttpResponse): response is FastifyReply {
  return !('setHeader' in response);
}

/**
 * Sets a header, whichever framework the response belongs to.
 *
 * @param name in lower case, as all of them keep it: of any other they make a new text first, each time
 */
export function setHeader(
  response: HttpResponse,
  name: string,
  value: string,
): void {
  if (isFastify(response)) response.header(name, value);
  else response.setHeader(name, value);
}

/** Adds to a header that holds a list what comes after the items that stand there. */
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
