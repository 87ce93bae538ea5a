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
  const length = Buffer.byteLength(body);
  headers['content-length'] = length;
  response.writeHead(status, headers);
  // The same bytes where each is a character, and Node need not look for others.
  response.write(body, length === body.length ? 'latin1' : 'utf8');
  // Held back until the next tick otherwise.
  response.socket?.uncork();
  response.end();
}
