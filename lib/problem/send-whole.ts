import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/**
 * Sends a short answer in one piece. `end` with a body gives the socket a list
 * of two pieces, the last of them empty, and to write a list takes Node and the
 * system longer than all that a limit decides. A first `write` joins head and
 * body, and once they have left, `end` has nothing to write.
 *
 * @param headers beside those that stand on the response
 */
export function sendWhole(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: string,
): void {
  headers['content-length'] = Buffer.byteLength(body);
  response.writeHead(status, headers);
  response.write(body);
  // Held back until the next tick otherwise.
  response.socket?.uncork();
  response.end();
}
