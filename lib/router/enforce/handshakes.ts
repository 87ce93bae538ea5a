import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HttpResponse } from '../transport/transport.js';
import { answerOf } from '../reject/reply.js';
import { Rejection } from '../reject/rejection.js';
import { Enforcer } from './enforcer.js';
import {
  decideAtEdge,
  HttpContext,
  SERVICE_PASSED,
  ServiceLimit,
} from './edge.js';

type Listener = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
) => void;

type RequestListener = (
  request: IncomingMessage,
  response: ServerResponse,
) => void;

/**
 * Applies `service` to WebSocket handshakes, which Node passes to listeners of
 * `upgrade`, bypassing the framework. Those listeners are called once a
 * handshake is admitted, whenever they were added. The same goes for
 * socket.io's polling, which takes requests of the server before the framework
 * does.
 */
export class Handshakes {
  private readonly listeners = new Set<Listener>();
  /** Our own listeners of `request`. */
  private readonly polling = new WeakSet<Function>();
  private server: Server | undefined;

  constructor(private readonly enforcer: Enforcer) {}

  /** Limits the handshakes of a server from now on. */
  guard(server: Server): void {
    if (this.server) return;
    this.server = server;
    for (const listener of server.listeners('upgrade')) {
      this.take(listener as Listener);
    }
    for (const listener of server.listeners('request')) {
      this.takeRequests(listener as RequestListener);
    }
    server.on('newListener', this.onNewListener);
  }

  private readonly onNewListener = (event: string, listener: Function) => {
    // It is added right after this event.
    if (event === 'upgrade' && listener !== this.onUpgrade) {
      queueMicrotask(() => this.take(listener as Listener));
    }
    if (event === 'request' && !this.polling.has(listener)) {
      queueMicrotask(() => this.takeRequests(listener as RequestListener));
    }
  };

  private takeRequests(listener: RequestListener): void {
    const { server } = this;
    if (!server?.listeners('request').includes(listener)) return;
    const guarded: RequestListener = (request, response) => {
      const isCounted = SERVICE_PASSED in request;
      if (!isCounted && isPolling(request))
        this.onPolling(listener, request, response);
      else listener.call(server, request, response);
    };
    this.polling.add(guarded);
    server.off('request', listener);
    server.on('request', guarded);
  }

  private onPolling(
    listener: RequestListener,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const admit = () => {
      // In case the request is for the framework after all.
      Object.assign(request, { [SERVICE_PASSED]: true });
      listener.call(this.server, request, response);
    };
    const { service } = this.enforcer.routes.table;
    if (!service) {
      admit();
      return;
    }
    const context = contextOf(request, response);
    decideAtEdge(
      this.enforcer,
      service,
      context,
      (error) => (error ? response.destroy() : admit()),
      (rejection) => {
        const { text, mediaType } = this.bodyOf(rejection, request);
        response.setHeader('content-type', mediaType);
        response.writeHead(rejection.kind.status).end(text);
      },
    );
  }

  private take(listener: Listener): void {
    const { server } = this;
    if (!server?.listeners('upgrade').includes(listener)) return;
    server.off('upgrade', listener);
    // Without a listener, Node passes such requests to the framework.
    if (this.listeners.size === 0) server.on('upgrade', this.onUpgrade);
    this.listeners.add(listener);
  }

  private readonly onUpgrade: Listener = (request, socket, head) => {
    const admit = () => {
      for (const listener of this.listeners) {
        listener.call(this.server, request, socket, head);
      }
    };
    const { service } = this.enforcer.routes.table;
    if (!service) {
      admit();
      return;
    }
    const headers = new Map<string, string>();
    const context = contextOf(request, responseWith(headers));
    const onRejected = (rejection: Rejection) =>
      this.refuse(rejection, request, socket, headers);
    decideAtEdge(
      this.enforcer,
      service,
      context,
      (error) => (error ? socket.destroy() : admit()),
      onRejected,
    );
  };

  private refuse(
    rejection: Rejection,
    request: IncomingMessage,
    socket: Duplex,
    headers: ReadonlyMap<string, string>,
  ): void {
    const { text, mediaType } = this.bodyOf(rejection, request);
    const fields = new Map([
      ...headers,
      ['connection', 'close'],
      ['content-type', mediaType],
      ['content-length', String(Buffer.byteLength(text))],
    ]);
    const lines = [...fields].map(([name, value]) => `${name}: ${value}\r\n`);
    const { status } = rejection.kind;
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`,
    );
  }

  private bodyOf({ kind: { problem } }: Rejection, request: IncomingMessage) {
    const { refusalBody } = this.enforcer;
    const { body, mediaType } = answerOf(problem, request, refusalBody);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { text, mediaType };
  }
}

/** What every socket.io request carries: its protocol version and the transport. */
function isPolling({ url = '' }: IncomingMessage): boolean {
  return /[?&]EIO=\d/.test(url) && /[?&]transport=polling/.test(url);
}

/** No framework has processed the request, so its address is that of the socket. */
function contextOf(request: IncomingMessage, response: HttpResponse) {
  const { headers, socket, method, url } = request;
  const sender = { ip: socket.remoteAddress, headers, socket, method, url };
  return new HttpContext(sender, response, ServiceLimit, ServiceLimit);
}

/** Stands in for the response, which is written by hand: it collects header fields, and its outcome is that of an upgrade. */
function responseWith(headers: Map<string, string>): HttpResponse {
  const outcome = { statusCode: 101, closed: true, writableFinished: true };
  return Object.assign(outcome, {
    getHeader: (name: string) => headers.get(name),
    setHeader: (name: string, value: string) => headers.set(name, value),
  }) as unknown as HttpResponse;
}
