import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One request in the hands of an upstream. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

/** What an upstream does with a request. */
export type Behaviour = (exchange: Exchange) => void;

/** Answers at once; objects as JSON. */
export function answer(
  body: unknown = { ok: true },
  status = 200,
  headers: Record<string, string> = {},
): Behaviour {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = isRaw ? body : JSON.stringify(body);
  const type = isRaw ? 'text/plain' : 'application/json';
  return ({ response }) => {
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(bytes),
      ...headers,
    });
    response.end(bytes);
  };
}

/** Fails with a status, 500 by default. */
export const fail = (status = 500): Behaviour =>
  answer({ error: 'out of order' }, status);

/** Does something else after a while. */
export function after(delayMs: number, then: Behaviour): Behaviour {
  return (exchange) => {
    const { response } = exchange;
    const timer = setTimeout(() => then(exchange), delayMs);
    response.once('close', () => clearTimeout(timer));
  };
}

/** Reads the request and says nothing, ever. */
export const neverAnswer = (): Behaviour => () => {};

/** Sends the headers at once and then one byte of body every `everyMs` for `forMs`. */
export function trickle(forMs: number, everyMs = 50, status = 200): Behaviour {
  return ({ response, socket }) => {
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.flushHeaders();
    let left = Math.ceil(forMs / everyMs);
    const timer = setInterval(() => {
      response.write('.');
      left--;
      if (left > 0) return;
      clearInterval(timer);
      response.end();
    }, everyMs);
    socket.once('close', () => clearInterval(timer));
  };
}

/** Announces a body of 1000 bytes, sends some of it and cuts the connection. */
export function resetAfter(bytes: number): Behaviour {
  return ({ response, socket }) => {
    if (bytes === 0) {
      socket.resetAndDestroy();
      return;
    }
    response.writeHead(200, { 'content-length': 1000 });
    // A reset overtakes what the kernel still has to send.
    response.write('x'.repeat(bytes), () =>
      setTimeout(() => socket.resetAndDestroy(), 10),
    );
  };
}

/** Announces a body of 1000 bytes, sends some of it and closes the connection in good order. */
export function closeAfter(bytes: number): Behaviour {
  return ({ response, socket }) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('x'.repeat(bytes), () => socket.end());
  };
}

/** Fails, and says when to come again. */
export const busy = (retryAfter: string): Behaviour =>
  answer({ error: 'too much to do' }, 503, { 'retry-after': retryAfter });

/** Sends half of a header and then nothing. */
export const halfHeader = (): Behaviour => raw('HTTP/1.1 200 OK\r\nContent-Le');

/** Answers with something that is not HTTP. */
export const garbage = (): Behaviour =>
  raw('\u0000\u0001 no such protocol \r\n\r\n');

/** A body of so many bytes, sent as fast as it goes. */
export const huge = (bytes: number): Behaviour =>
  answer(Buffer.alloc(bytes, 'a'));

/** Sends the client elsewhere. */
export const redirect = (location: string, status = 302): Behaviour =>
  answer('', status, { location });

/** Takes the behaviours in turn, and stays with the last. */
export function inTurn(...behaviours: Behaviour[]): Behaviour {
  let next = 0;
  return (exchange) => {
    const behaviour = behaviours[Math.min(next, behaviours.length - 1)];
    next++;
    behaviour(exchange);
  };
}

/** Sends some bytes as they are. */
export function raw(bytes: string): Behaviour {
  return ({ socket }) => {
    socket.write(bytes, 'latin1');
  };
}
