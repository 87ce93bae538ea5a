import { ExecutionContext } from '@nestjs/common';
import { graphql } from './graphql-transport.js';
import { http } from './http-transport.js';
import { rpc } from './rpc-transport.js';
import { Transport } from './transport.js';
import { ws } from './ws-transport.js';

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
