import { Caller } from '../../http/request-life.js';

/** A connection that carries many messages at a time. */
export interface ClientConnection {
  once(event: string, listener: () => void): unknown;
}

/** Callbacks for the close of a connection; it has one listener of ours, however many messages are in progress. */
const waiting = new WeakMap<ClientConnection, Set<() => void>>();

/** The client at the other end of a connection: gone when that closes. */
export class ConnectionCaller implements Caller {
  /**
   * @param connection emits `event` when it closes
   * @param isClosed whether it already has
   */
  constructor(
    private readonly connection: ClientConnection,
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
