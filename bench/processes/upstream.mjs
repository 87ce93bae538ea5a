import { createServer } from 'node:http';
import { answerWith } from '../harness/answering.mjs';

// The backend that every outbound contestant calls.

/** Longer than any pause between two turns, so that no pooled connection goes stale. */
const KEEP_ALIVE_MS = 600_000;

const product = { id: 42, name: 'kettle', price: 1999, tags: ['kitchen'] };
const bodies = {
  '/small': Buffer.from(JSON.stringify(product)),
  '/large': Buffer.from(
    JSON.stringify(Array.from({ length: 1700 }, () => product)),
  ),
  '/failing': Buffer.from(JSON.stringify({ error: 'unavailable' })),
};

const server = createServer((request, response) => {
  const body = bodies[request.url];
  response.writeHead(request.url === '/failing' ? 503 : 200, {
    'content-type': 'application/json',
    'content-length': body.length,
  });
  response.end(body);
});
server.keepAliveTimeout = KEEP_ALIVE_MS;
server.listen(0, '127.0.0.1', () =>
  answerWith(() => undefined, { port: server.address().port }),
);
