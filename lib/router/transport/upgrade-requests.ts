import { Handshake } from './handshake.js';

/** The requests that opened the connections of ws clients; a client doesn't keep its own. */
const upgrades = new WeakMap<object, Handshake>();

/** The request that opened a client's connection, if its gateway is followed. */
export function upgradeOf(client: object): Handshake | undefined {
  return upgrades.get(client);
}

/** The property of a gateway to which Nest assigns the gateway's server. */
const SERVER = 'floodgateServer';

type WebSocketServerDecorator = () => (target: object, key: string) => void;

interface ConnectionSource {
  on?(
    event: 'connection',
    listener: (client: object, request?: Handshake) => void,
  ): unknown;
}

/**
 * Records the requests that open the connections of a gateway's clients: ws
 * reports them with its server's `connection` event. Nest assigns that server
 * to the properties of a gateway under `@WebSocketServer()`, so the gateway
 * gets one.
 */
export function followConnections(
  gateway: Function,
  webSocketServer: WebSocketServerDecorator,
): void {
  const prototype = gateway.prototype as object;
  if (SERVER in prototype) return;
  const followed = new WeakSet<object>();
  Object.defineProperty(prototype, SERVER, {
    configurable: true,
    enumerable: true,
    get: () => undefined,
    set(server: ConnectionSource | null) {
      if (!server || followed.has(server)) return;
      followed.add(server);
      server.on?.('connection', (client, request) => {
        // socket.io passes no request; its clients know theirs.
        if (request?.headers) upgrades.set(client, request);
      });
    },
  });
  webSocketServer()(prototype, SERVER);
}
