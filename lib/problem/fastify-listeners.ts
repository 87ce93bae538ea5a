import type { FastifyReply } from './response-header.js';

/** Where a reply of Fastify keeps what the application gave it to do as it sends. */
interface Keys {
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
  const kept = reply as unknown as Readonly<Record<symbol, unknown>>;
  const route = kept[keys.route] as { readonly onSend?: unknown } | undefined;
  return (
    route?.onSend !== null ||
    kept[keys.trailers] !== null ||
    kept[keys.serializer] !== null
  );
}

function keysOf(reply: FastifyReply): Keys {
  const found = symbolsOf(reply);
  const key = (name: string) => found.get(name) ?? Symbol(name);
  return {
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
