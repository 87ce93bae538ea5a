import { Handshake } from './handshake.js';

/** The requests with which clients of ws began; a client does not keep its own. */
const upgrades = new WeakMap<object, Handshake>();

/** The request with which a client began, where its gateway is followed. */
export function upgradeOf(client: object): Handshake | undefined {
  return upgrades.get(client);
}

/** The property of a gateway that Nest gives the gateway's server to. */
const SERVER = 'floodgateServer';

type WebSocketServerDecorator = () => (target: object, key: string) => void;

interface ConnectionSource {
  on?(
    event: 'connection',
    listener: (client: object, request?: Handshake) => void,
  ): unknown;
}

/**
 * Notes the requests with which the clients of a gateway begin: ws tells them
 * with the event `connection` of its server. Nest hands that server to the
 * properties of a gateway under `@WebSocketServer()`, so the gateway gets one.
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
