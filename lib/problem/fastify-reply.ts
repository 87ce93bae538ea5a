import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from './response-header.js';

/** Where a reply of Fastify keeps its headers, and what the application gave it to do as it sends. */
interface Keys {
  readonly headers: symbol;
  /** What belongs to the route, its hooks among it. */
  readonly route: symbol;
  readonly trailers: symbol;
  readonly serializer: symbol;
}

/** As the first reply has them. Another copy of Fastify in this process has others, under which nothing is found. */
let keys: Keys | undefined;

/**
 * Whether something of the application may see or change what this reply sends.
 * Fastify tells nobody, so the symbols that it keeps for itself are looked up;
 * where they are no longer what they were, there may be something.
 */
export function isHeard(reply: FastifyReply): boolean {
  keys ??= keysOf(reply);
  const kept = keptBy(reply);
  const route = kept[keys.route] as { readonly onSend?: unknown } | undefined;
  return (
    route?.onSend !== null ||
    kept[keys.trailers] !== null ||
    kept[keys.serializer] !== null
  );
}

/** The headers that were set on a reply, itself and not a copy: to merge it with those of Node's response takes as long as to decide. */
export function headersOf(reply: FastifyReply): OutgoingHttpHeaders {
  keys ??= keysOf(reply);
  const headers = keptBy(reply)[keys.headers] as
    OutgoingHttpHeaders | undefined;
  return headers ?? reply.getHeaders();
}

function keptBy(reply: FastifyReply) {
  return reply as unknown as Readonly<Record<symbol, unknown>>;
}

function keysOf(reply: FastifyReply): Keys {
  const found = symbolsOf(reply);
  const key = (name: string) => found.get(name) ?? Symbol(name);
  return {
    headers: key('fastify.reply.headers'),
    route: key('fastify.context'),
    trailers: key('fastify.reply.trailers'),
    serializer: key('fastify.reply.serializer'),
  };
}

/** The symbols of an object and of all that it inherits from, by their names. */
function symbolsOf(object: object): ReadonlyMap<string, symbol> {
  const found = new Map<string, symbol>();
  let level: unknown = object;
  while (level) {
    for (const symbol of Object.getOwnPropertySymbols(level)) {
      if (symbol.description) found.set(symbol.description, symbol);
    }
    level = Object.getPrototypeOf(level);
  }
  return found;
}
