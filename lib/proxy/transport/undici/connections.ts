import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isCancel } from 'axios';
import { Client, errors } from 'undici';
import type { buildConnector } from 'undici';
import { BackendConfig } from '../../../config/schema/backend.schema.js';
import { addressOf } from '../host-address.js';
import { StageTimeout } from '../stage-timeout.js';

/** Effectively for ever: undici has no word for it. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;
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

/**
 * The connections of one backend, each a client of undici that carries one
 * request at a time. Requests that wait for one keep their place in line and
 * their own async context, and leave at once when they are cancelled; undici's
 * pools offer neither.
 */
export class Connections {
  private readonly hosts = new Map<string, HostConnections>();
  private readonly bounds: Bounds;
  private idle = 0;
  private isClosed = false;

  /** @param failedToConnect told the address, `catalog:8080`, of each connection that could not be made */
  constructor(
    private readonly config: BackendConfig,
    private readonly failedToConnect: (address: string) => void,
  ) {
    this.bounds = {
      perHost: config.maxConnectionsPerHost ?? Infinity,
      idlePerHost: config.maxIdleConnectionsPerHost,
      ageMs: config.maxConnectionAge ?? Infinity,
      mayIdle: () => this.idle < (config.maxIdleConnections ?? Infinity),
      idles: (change) => {
        this.idle += change;
      },
    };
  }

  /** Sends a request as soon as a connection is free. */
  send(departure: Departure): void {
    if (this.isClosed) departure.fail(new errors.ClientDestroyedError());
    else this.host(departure.origin).send(departure);
  }

  /** Takes a request out of the line. */
  withdraw(departure: Departure): void {
    this.hosts.get(departure.origin)?.withdraw(departure);
  }

  /** Closes every connection. */
  close(): void {
    this.isClosed = true;
    for (const host of this.hosts.values()) host.close();
  }

  private host(origin: string): HostConnections {
    const known = this.hosts.get(origin);
    if (known) return known;
    const { config, failedToConnect } = this;
    const options = clientOptions(config);
    const connect = connectorOf(config);
    const limitMs = config.connectTimeout ?? config.timeout;
    const host: HostConnections = new HostConnections(
      this.bounds,
      (owner) => new Connection(origin, options, connect, limitMs, owner),
      (error) => {
        if (!isCancel(error)) failedToConnect(addressOf(origin));
      },
      // A redirect may lead to any number of hosts.
      () => this.hosts.delete(origin),
    );
    this.hosts.set(origin, host);
    return host;
  }
}

interface Bounds {
  readonly perHost: number;
  readonly idlePerHost: number;
  readonly ageMs: number;
  /** Whether one more may be idle, over all hosts. */
  mayIdle(): boolean;
  idles(change: 1 | -1): void;
}

interface Owner {
  onFree(connection: Connection): void;
  onDisconnect(connection: Connection): void;
  onFailedConnect(error: Error): void;
}

/** The connections to one host. */
class HostConnections implements Owner {
  private readonly all = new Set<Connection>();
  /** The one that served last is taken first, so that those which are not needed age. */
  private readonly idle: Connection[] = [];
  private readonly waiting = new Set<Departure>();

  constructor(
    private readonly bounds: Bounds,
    private readonly open: (owner: Owner) => Connection,
    readonly onFailedConnect: (error: Error) => void,
    private readonly onEmpty: () => void,
  ) {}

  send(departure: Departure): void {
    const idle = this.idle.pop();
    if (idle) {
      this.bounds.idles(-1);
      this.carry(departure, idle);
    } else if (this.all.size < this.bounds.perHost && !this.isOneComing()) {
      this.carry(departure, this.connection());
    } else {
      this.waiting.add(departure);
    }
  }

  withdraw(departure: Departure): void {
    this.waiting.delete(departure);
  }

  close(): void {
    const error = new errors.ClientDestroyedError();
    for (const departure of this.waiting) departure.fail(error);
    this.waiting.clear();
    for (const connection of this.all) this.discard(connection);
  }

  onFree(connection: Connection): void {
    if (!this.all.has(connection)) return;
    const isOld = connection.ageMs > this.bounds.ageMs;
    if (isOld) this.discard(connection);
    const next = this.next();
    if (next) this.carry(next, isOld ? this.connection() : connection);
    else if (!isOld) this.rest(connection);
  }

  onDisconnect(connection: Connection): void {
    // Undici would connect anew, be it for a request that was cancelled. What was not sent yet still needs that.
    if (!connection.isDone) return;
    this.discard(connection);
    const next = this.next();
    if (next) this.carry(next, this.connection());
  }

  /** Whether a connection has its answer, and is free for one more request as soon as undici has looked at it again. */
  private isOneComing(): boolean {
    let coming = 0;
    for (const { isDone, socket } of this.all) {
      if (isDone && socket) coming++;
    }
    return coming > this.waiting.size;
  }

  /** Takes the first in line. */
  private next(): Departure | undefined {
    const [next] = this.waiting;
    if (next) this.waiting.delete(next);
    return next;
  }

  private connection(): Connection {
    const connection = this.open(this);
    this.all.add(connection);
    return connection;
  }

  private carry(departure: Departure, connection: Connection): void {
    connection.carries = departure;
    departure.over(connection);
    // What undici refuses at once occupies nothing, and nothing tells of it.
    if (departure.isOver && connection.isUnused) this.onFree(connection);
  }

  private rest(connection: Connection): void {
    connection.carries = undefined;
    const { idlePerHost, mayIdle, idles } = this.bounds;
    const isKept = this.idle.length < idlePerHost && mayIdle();
    if (!connection.socket || !isKept) {
      this.discard(connection);
      return;
    }
    this.idle.push(connection);
    idles(1);
  }

  private discard(connection: Connection): void {
    const index = this.idle.indexOf(connection);
    if (index !== -1) {
      this.idle.splice(index, 1);
      this.bounds.idles(-1);
    }
    this.all.delete(connection);
    connection.close();
    if (this.all.size === 0 && this.waiting.size === 0) this.onEmpty();
  }
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
  ) {
    this.client = new Client(origin, { ...options, connect: this.open });
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
      done(socket.errored ?? new errors.SocketError('closed'), null);
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
function clientOptions(config: BackendConfig): Client.Options {
  const idleMs = config.idleConnectionTimeout ?? NO_TIMEOUT_MS;
  return {
    pipelining: config.keepAlive ? 1 : 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}

type Connect = (target: buildConnector.Options) => Socket;

/** Makes sockets as undici's own connector does; that one says nothing of a socket until it is connected. */
function connectorOf({ tls, lookup }: BackendConfig): Connect {
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
