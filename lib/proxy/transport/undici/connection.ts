import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { buildConnector, Client } from 'undici';
import { BackendConfig } from '../../../config/schema/backend.schema.js';
import { LONGEST_TIMER_MS } from '../../../core/time/deadline.js';
import { StageTimeout } from '../stage-timeout.js';

/** The package, which only some applications have installed. */
export type Undici = typeof import('undici');

/** Effectively for ever: undici has no word for it. */
const NO_TIMEOUT_MS = LONGEST_TIMER_MS;
/** After how long an idle connection is probed, as over Node's client. */
const KEEP_ALIVE_MS = 60_000;

/** A request that is to be sent over one connection. */
export interface Departure {
  readonly origin: string;
  /** Whether it has ended, its answer read or not. */
  readonly isOver: boolean;
  /** Sends it. */
  over(connection: Connection): void;
  /** Ends it before it was sent. */
  fail(error: Error): void;
}

/** Told what becomes of a connection. */
export interface Owner {
  onFree(connection: Connection): void;
  onDisconnect(connection: Connection): void;
  onFailedConnect(error: Error): void;
}

/** One client of undici, which has one socket at most. */
export class Connection {
  readonly client: Client;
  /** Where it is connected. */
  socket: Socket | undefined;
  /** What is sent over it, or was last. */
  carries: Departure | undefined;
  private connecting: Socket | undefined;
  private bornMs = 0;

  /** @param limitMs how long connecting may take: a host that lets nobody connect is noticed though its callers have long given up */
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

  /** How long it has been connected. */
  get ageMs(): number {
    return this.socket ? performance.now() - this.bornMs : 0;
  }

  /** Whether what it carries has ended. */
  get isDone(): boolean {
    return this.carries?.isOver !== false;
  }

  /** Whether undici has nothing to do with it. */
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
    // A socket that is destroyed for no reason closes without an error.
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

/** Deadlines of answers are ours, over the whole call. */
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

/** Makes sockets as undici's own connector does; that one says nothing of a socket until it is connected. */
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

/** Addresses are no server names (RFC 6066, section 3). */
function nameOf(hostname: string): string | undefined {
  return isIP(hostname) ? undefined : hostname;
}
