import { Sender } from './transport.js';

/** The request that opened a WebSocket, as node:http provides it. */
export interface Handshake {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly socket: { readonly remoteAddress?: string };
}

/** The sender of a handshake: no framework has processed it, so its address is that of the socket. */
export function handshakeSender({ headers, socket }: Handshake): Sender {
  return { ip: socket.remoteAddress, headers, socket };
}
