import { Caller } from '../../http/request-life.js';

/** A connection that carries many messages at a time. */
export interface Connection {
  once(event: string, listener: () => void): unknown;
}

/** Who must be told when a connection closes; it has one listener of ours, however many messages are under way. */
const waiting = new WeakMap<Connection, Set<() => void>>();

/** The client at the other end of a connection: gone when that closes. */
export class ConnectionCaller implements Caller {
  /**
   * @param connection what emits `event` when it closes
   * @param isClosed whether it did already
   */
  constructor(
    private readonly connection: Connection,
    private readonly event: string,
    private readonly isClosed: () => boolean,
  ) {}

  get hasLeft(): boolean {
    return this.isClosed();
  }

  onLeave(listener: () => void): () => void {
    const listeners = waiting.get(this.connection) ?? this.watch();
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  private watch(): Set<() => void> {
    const listeners = new Set<() => void>();
    waiting.set(this.connection, listeners);
    this.connection.once(this.event, () => {
      for (const listener of listeners) listener();
    });
    return listeners;
  }
}
