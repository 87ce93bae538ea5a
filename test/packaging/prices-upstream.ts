import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A backend that knows one price and nothing else. */
export async function startPrices(): Promise<Server> {
  const server = createServer((request, response) => {
    const known = request.url === '/prices/1';
    response.writeHead(known ? 200 : 404, {
      'content-type': 'application/json',
    });
    response.end(JSON.stringify(known ? { product: 1, cents: 499 } : {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
