import { IncomingMessage, STATUS_CODES } from 'node:http';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_JSON } from '../../problem/problem-exception.js';
import { HttpResponse } from '../transport/transport.js';
import { Rejection } from '../reject/rejection.js';
import { Enforcer } from './enforcer.js';
import { decideAtEdge, HttpContext, ServiceLimit } from './edge.js';

type Listener = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
) => void;

/**
 * Puts WebSocket handshakes before `service`: Node hands them to listeners of
 * `upgrade`, past the framework. Those listeners are called once a handshake is
 * admitted, whenever they were added.
 */
export class Handshakes {
  private readonly listeners = new Set<Listener>();
  private server: Server | undefined;

  constructor(private readonly enforcer: Enforcer) {}

  /** Guards the handshakes of a server from now on. */
  guard(server: Server): void {
    if (this.server) return;
    this.server = server;
    for (const listener of server.listeners('upgrade')) {
      this.take(listener as Listener);
    }
    server.on('newListener', this.onNewListener);
  }

  private readonly onNewListener = (event: string, listener: Listener) => {
    if (event !== 'upgrade' || listener === this.onUpgrade) return;
    // It is added right after this event.
    queueMicrotask(() => this.take(listener));
  };

  private take(listener: Listener): void {
    const { server } = this;
    if (!server?.listeners('upgrade').includes(listener)) return;
    server.off('upgrade', listener);
    // Without any listener, Node gives such requests to the framework.
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
    const context = new HttpContext(
      senderOf(request),
      responseWith(headers),
      ServiceLimit,
      ServiceLimit,
    );
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
    { kind: { status, problem } }: Rejection,
    request: IncomingMessage,
    socket: Duplex,
    headers: ReadonlyMap<string, string>,
  ): void {
    const own = this.enforcer.refusalBody?.(problem, request);
    const { body, mediaType } = own
      ? { mediaType: 'application/json', ...own }
      : { body: problem, mediaType: PROBLEM_JSON };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const fields = new Map([
      ...headers,
      ['connection', 'close'],
      ['content-type', mediaType],
      ['content-length', String(Buffer.byteLength(text))],
    ]);
    const lines = [...fields].map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`,
    );
  }
}

/** No framework has looked at the request, so its address is that of the socket. */
function senderOf(request: IncomingMessage) {
  const { headers, socket, method, url } = request;
  return { ip: socket.remoteAddress, headers, socket, method, url };
}

/** Stands for the response, which is written by hand: it collects fields, and its outcome is that of an upgrade. */
function responseWith(headers: Map<string, string>): HttpResponse {
  const outcome = { statusCode: 101, closed: true, writableFinished: true };
  return Object.assign(outcome, {
    getHeader: (name: string) => headers.get(name),
    setHeader: (name: string, value: string) => headers.set(name, value),
  }) as unknown as HttpResponse;
}
