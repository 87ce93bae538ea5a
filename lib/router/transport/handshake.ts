import { Sender } from './transport.js';

/** The request with which a WebSocket began, as node:http hands it out. */
export interface Handshake {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly socket: { readonly remoteAddress?: string };
}

/** Who opened a connection: no framework has looked at its request, so its address is that of the socket. */
export function handshakeSender({ headers, socket }: Handshake): Sender {
  return { ip: socket.remoteAddress, headers, socket };
}
