import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Arrivals } from './arrivals.js';
import { HEALTHY, readBehaviour } from './behaviour.js';

/** What an upstream has to say about a URL; undefined is a 404. */
export type Resource = (url: URL) => unknown;

const LONGEST_BODY = 1_000;
const KEEP_ALIVE_MS = 60_000;

/**
 * A backend that does as it is told:
 *
 * - `POST /control {"mode":"ok"|"slow"|"fail","delayMs":3000}` changes how it answers
 * - `GET  /control` tells how it answers and how many requests reached it
 * - `GET  /control/arrivals` tells when each of them did
 */
export function createUpstream(resource: Resource): Server {
  const arrivals = new Arrivals();
  let behaviour = HEALTHY;

  async function control(request: IncomingMessage, response: ServerResponse) {
    if (request.method === 'POST') {
      const told = readBehaviour(await bodyOf(request));
      if (told === undefined) {
        return send(response, 400, { expected: { mode: 'ok|slow|fail' } });
      }
      behaviour = told;
    }
    send(response, 200, { ...behaviour, requests: arrivals.count });
  }

  function answer(url: URL, response: ServerResponse): void {
    if (behaviour.mode === 'fail')
      return send(response, 500, { error: 'told to fail' });
    const found = resource(url);
    if (found === undefined) send(response, 404, { error: 'not found' });
    else send(response, 200, found);
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://upstream');
    if (url.pathname === '/control') {
      control(request, response).catch(() => response.destroy());
    } else if (url.pathname === '/control/arrivals') {
      send(response, 200, arrivals.list());
    } else {
      arrivals.record(request);
      if (behaviour.mode !== 'slow') return answer(url, response);
      const timer = setTimeout(() => answer(url, response), behaviour.delayMs);
      // The gateway hangs up when its deadline passes: nobody waits any more.
      response.on('close', () => clearTimeout(timer));
    }
  });
  // Node's 5 s would close a connection now and then just as a call sets out on it.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body) + '\n');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > LONGEST_BODY) break;
  }
  return body;
}
