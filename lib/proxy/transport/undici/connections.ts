import { isCancel } from 'axios';
import { BackendConfig } from '../../../config/schema/backend.schema.js';
import { addressOf } from '../host-address.js';
import {
  clientOptions,
  Connection,
  connectorOf,
  Departure,
  Owner,
  Undici,
} from './connection.js';

/**
 * The connections of one backend. Each is an undici client that handles one
 * request at a time. Unlike in undici's pools, queued requests keep their order
 * and async context, and leave the queue as soon as they are cancelled.
 */
export class Connections {
  private readonly hosts = new Map<string, HostConnections>();
  private readonly bounds: Bounds;
  private idle = 0;
  private isClosed = false;

  /** @param failedToConnect called with the address, such as `catalog:8080`, of each connection that fails to open */
  constructor(
    private readonly undici: Undici,
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
    if (this.isClosed)
      departure.fail(new this.undici.errors.ClientDestroyedError());
    else this.host(departure.origin).send(departure);
  }

  /** Removes a request from the queue. */
  withdraw(departure: Departure): void {
    this.hosts.get(departure.origin)?.withdraw(departure);
  }

  /** Closes every connection. */
  close(): void {
    this.isClosed = true;
    const error = new this.undici.errors.ClientDestroyedError();
    for (const host of this.hosts.values()) host.close(error);
  }

  private host(origin: string): HostConnections {
    const known = this.hosts.get(origin);
    if (known) return known;
    const { config, failedToConnect, undici } = this;
    const options = clientOptions(config);
    const connect = connectorOf(config);
    const limitMs = config.connectTimeout ?? config.timeout;
    const host: HostConnections = new HostConnections(
      this.bounds,
      (owner) =>
        new Connection(origin, options, connect, limitMs, owner, undici),
      (error) => {
        if (!isCancel(error)) failedToConnect(addressOf(origin));
      },
      // Redirects may lead to any number of hosts.
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
  /** Whether another idle connection is allowed, across all hosts. */
  mayIdle(): boolean;
  idles(change: 1 | -1): void;
}

/** The connections to one host. */
class HostConnections implements Owner {
  private readonly all = new Set<Connection>();
  /** A stack: the last used one is reused first, so that surplus connections time out. */
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

  close(error: Error): void {
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
    // Undici would reconnect, even for a cancelled request. Keep the client only for an unsent one.
    if (!connection.isDone) return;
    this.discard(connection);
    const next = this.next();
    if (next) this.carry(next, this.connection());
  }

  /** Whether a connection has received its response and is about to be free. */
  private isOneComing(): boolean {
    let coming = 0;
    for (const { isDone, socket } of this.all) {
      if (isDone && socket) coming++;
    }
    return coming > this.waiting.size;
  }

  /** Removes and returns the first queued request. */
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
    // If undici rejects a request immediately, the connection stays free without an event.
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
