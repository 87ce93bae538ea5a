import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { buildConnector, Client } from 'undici';
import { BackendConfig } from '../../../config/schema/backend.schema.js';
import { LONGEST_TIMER_MS } from '../../../core/time/deadline.js';
import { StageTimeout } from '../stage-timeout.js';

/** The undici package, an optional peer dependency. */
export type Undici = typeof import('undici');

/** Effectively no timeout; undici has no value for that. */
const NO_TIMEOUT_MS = LONGEST_TIMER_MS;
/** TCP keep-alive delay, as with Node's client. */
const KEEP_ALIVE_MS = 60_000;

/** A request to send over a connection. */
export interface Departure {
  readonly origin: string;
  /** Whether it is over, with or without a response. */
  readonly isOver: boolean;
  /** Sends the request. */
  over(connection: Connection): void;
  /** Fails the request before it is sent. */
  fail(error: Error): void;
}

/** Receives the events of a connection. */
export interface Owner {
  onFree(connection: Connection): void;
  onDisconnect(connection: Connection): void;
  onFailedConnect(error: Error): void;
}

/** One undici client, with at most one socket. */
export class Connection {
  readonly client: Client;
  /** The socket, while connected. */
  socket: Socket | undefined;
  /** The current or last request. */
  carries: Departure | undefined;
  private connecting: Socket | undefined;
  private bornMs = 0;

  /** @param limitMs the connect timeout in milliseconds. It detects an unreachable host even if the callers have already given up */
  constructor(
    origin: string,
    options: Client.Options,
    private readonly connect: Connect,
    private readonly limitMs: number,
    owner: Owner,
    private readonly undici: Undici,
  ) {
    this.client = new undici.Client(origin, { ...options, connect: this.open });
    this.client
      .on('drain', () => owner.onFree(this))
      .on('disconnect', () => {
        this.socket = undefined;
        owner.onDisconnect(this);
      })
      .on('connectionError', (_origin, _targets, error) => {
        owner.onFailedConnect(error);
        owner.onDisconnect(this);
      });
  }

  /** Milliseconds since it connected. */
  get ageMs(): number {
    return this.socket ? performance.now() - this.bornMs : 0;
  }

  /** Whether the current request is over. */
  get isDone(): boolean {
    return this.carries?.isOver !== false;
  }

  /** Whether undici has no pending requests for it. */
  get isUnused(): boolean {
    return this.client.stats.size === 0;
  }

  close(): void {
    this.connecting?.destroy();
    void this.client.destroy();
  }

  private readonly open = (
    target: buildConnector.Options,
    done: buildConnector.Callback,
  ): void => {
    const { limitMs } = this;
    const socket = this.connect(target);
    this.connecting = socket;
    const timer = setTimeout(giveUp, limitMs, socket, limitMs);
    const settled = () => {
      clearTimeout(timer);
      this.connecting = undefined;
      socket.off('close', onClose);
    };
    // A socket destroyed without a reason closes without an error.
    const onClose = () => {
      settled();
      done(
        socket.errored ?? new this.undici.errors.SocketError('closed'),
        null,
      );
    };
    socket.once('close', onClose).on('error', () => {});
    socket.once(
      target.protocol === 'https:' ? 'secureConnect' : 'connect',
      () => {
        settled();
        this.socket = socket;
        this.bornMs = performance.now();
        done(null, socket);
      },
    );
  };
}

function giveUp(socket: Socket, limitMs: number): void {
  socket.destroy(new StageTimeout('connection', limitMs));
}

/** Undici's own timeouts are off: the deadline covers the whole call. */
export function clientOptions(config: BackendConfig): Client.Options {
  const idleMs = config.idleConnectionTimeout ?? NO_TIMEOUT_MS;
  return {
    pipelining: config.keepAlive ? 1 : 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}

export type Connect = (target: buildConnector.Options) => Socket;

/** Opens sockets as undici's own connector does. That one does not expose a socket before it is connected. */
export function connectorOf({ tls, lookup }: BackendConfig): Connect {
  let session: Buffer | undefined;
  return ({ protocol, hostname, port, servername }) => {
    const isTls = protocol === 'https:';
    const to = {
      host: hostname,
      port: Number(port || (isTls ? 443 : 80)),
      lookup,
    };
    const socket = isTls
      ? connectTls({
          ...tls,
          ...to,
          session,
          servername: servername || tls?.servername || nameOf(hostname),
          ALPNProtocols: ['http/1.1'],
        }).on('session', (next) => {
          session = next;
        })
      : connectTcp(to);
    return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
  };
}

/** The TLS server name; an IP address is not allowed (RFC 6066, section 3). */
function nameOf(hostname: string): string | undefined {
  return isIP(hostname) ? undefined : hostname;
}
