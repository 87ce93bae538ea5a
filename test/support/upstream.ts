import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TlsOptions } from 'node:tls';
import { answer } from './backend-behaviours.js';
import type { Behaviour } from './backend-behaviours.js';

/** One request as it reached the upstream. */
export interface Arrival {
  /** Monotonic milliseconds at which its headers were there. */
  readonly atMs: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whole request body; set before the behaviour runs. */
  body: string;
}

/** Where and how an upstream listens. */
export interface Listening {
  /** Default: a free one. */
  readonly port?: number;
  /** Default: 127.0.0.1. */
  readonly address?: string;
  /** Makes it an https server. */
  readonly tls?: TlsOptions;
}

/** A real HTTP server that behaves as it is told and remembers who came. */
export class Upstream {
  readonly arrivals: Arrival[] = [];
  /** Sockets open now. */
  readonly sockets = new Set<Socket>();
  /** Sockets ever accepted. */
  accepted = 0;
  private readonly paths = new Map<string, Behaviour>();
  private behaviour: Behaviour = answer();

  private constructor(
    private readonly server: Server,
    private readonly scheme: 'http' | 'https',
  ) {}

  /** Starts one on the loopback interface. */
  static async start(
    behaviour?: Behaviour,
    { port = 0, address = '127.0.0.1', tls }: Listening = {},
  ): Promise<Upstream> {
    const server = tls ? createTlsServer(tls) : createServer();
    const upstream = new Upstream(server, tls ? 'https' : 'http');
    if (behaviour) upstream.behave(behaviour);
    server.keepAliveTimeout = 60_000;
    server.on('connection', (socket) => upstream.accept(socket));
    server.on('request', (request, response) => {
      void upstream.receive(request, response);
    });
    await new Promise<void>((listening) => {
      server.listen(port, address, listening);
    });
    return upstream;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  /** What it does from now on with every path that has no behaviour of its own. */
  behave(behaviour: Behaviour): void {
    this.behaviour = behaviour;
  }

  /** What it does with one path. */
  on(path: string, behaviour: Behaviour): this {
    this.paths.set(path, behaviour);
    return this;
  }

  /** The requests for one path. */
  arrivalsAt(path: string): Arrival[] {
    return this.arrivals.filter(({ request }) => pathOf(request) === path);
  }

  /** Cuts every connection and stops listening. */
  async stop(): Promise<void> {
    const closed = new Promise((done) => {
      this.server.close(done);
    });
    this.server.closeAllConnections();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Closes connections that idle for so long, without the second that Node adds, and without telling callers in a Keep-Alive field. */
  closeIdleAfter(idleMs: number): void {
    this.server.on('request', (request, response) => {
      response.setHeader('connection', 'keep-alive');
      const { socket } = request;
      response.once('finish', () => {
        const idle = setTimeout(() => socket.end(), idleMs);
        socket.once('data', () => clearTimeout(idle));
        socket.once('close', () => clearTimeout(idle));
      });
    });
  }

  /** Takes connections from now on and never says a word on them. */
  holdBack(): void {
    this.server.removeAllListeners('connection');
    this.server.on('connection', (socket) => {
      this.accept(socket);
      socket.resume();
      socket.once('end', () => socket.destroy());
    });
  }

  private accept(socket: Socket): void {
    this.accepted++;
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.sockets.delete(socket));
  }

  private async receive(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const arrival = { atMs: performance.now(), request, response, body: '' };
    this.arrivals.push(arrival);
    try {
      arrival.body = (await buffer(request)).toString();
    } catch {
      return; // its sender broke off; there is nobody to answer
    }
    const behaviour = this.paths.get(pathOf(request)) ?? this.behaviour;
    behaviour({ request, response, socket: request.socket });
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0];
}
