import { Handshake } from './handshake.js';

/** The requests with which clients of ws began; a client forgets its own. */
const upgrades = new WeakMap<object, Handshake>();

/** Gateway classes that tell of their connections. */
const watched = new WeakSet<object>();

/** The request with which a client began, where its gateway is watched. */
export function upgradeOf(client: object): Handshake | undefined {
  return upgrades.get(client);
}

interface GatewayPrototype {
  handleConnection?(client: object, ...args: unknown[]): unknown;
}

/**
 * Notes the requests of a gateway's clients. Nest shows them in one place only,
 * the hook of OnGatewayConnection, so the class gets one, before its own.
 */
export function watchConnections(gateway: Function): void {
  const prototype = gateway.prototype as GatewayPrototype;
  if (watched.has(prototype)) return;
  watched.add(prototype);
  const own = prototype.handleConnection;
  prototype.handleConnection = function (client, ...args) {
    // socket.io passes no request; its clients know theirs.
    if (args[0]) upgrades.set(client, args[0] as Handshake);
    return own?.call(this, client, ...args);
  };
}
