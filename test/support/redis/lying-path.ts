import { once } from 'node:events';
import { connect, createServer, Server, Socket } from 'node:net';

/** What a network does to what is sent over it. */
export interface Behaviour {
  /** How long each way takes, in milliseconds. */
  readonly delayMs?: () => number;
  /** Keeps what is sent to the server until it ends. */
  readonly stallsRequests?: boolean;
  /** Keeps what the server replies until it ends. */
  readonly stallsReplies?: boolean;
  /** Cuts replies after so many bytes, and the connection with them. */
  readonly cutsAfter?: number;
  /** Passes on so many bytes of a reply at a time, one portion every five milliseconds. */
  readonly portion?: number;
  /** Breaks connections when they were used for so long. */
  readonly breaksAfterMs?: () => number;
}

type Way = 'request' | 'reply';

/**
 * A way to a server that behaves as networks do. Bytes keep their order. What is
 * on its way when the behaviour ends arrives.
 */
export class LyingPath {
  private behaviour: Behaviour = {};
  private readonly sockets = new Set<Socket>();
  /** What waits for a stall to end. */
  private held: (() => void)[] = [];
  private server: Server | undefined;

  private constructor(
    private readonly target: number,
    readonly port: number,
  ) {}

  static async to(target: number, port: number): Promise<LyingPath> {
    const path = new LyingPath(target, port);
    await path.open();
    return path;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** From now on, also for those who are connected. */
  behave(behaviour: Behaviour): void {
    this.behaviour = behaviour;
    const { held } = this;
    this.held = [];
    for (const goOn of held) goOn();
  }

  /** Begins to listen, again where it refused. */
  async open(): Promise<void> {
    this.server = createServer((near) => this.join(near));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Breaks all connections and refuses new ones. */
  async refuse(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const closed = this.server && once(this.server, 'close');
    this.server?.close();
    this.server = undefined;
    await closed;
  }

  private join(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    const breaksAfterMs = this.behaviour.breaksAfterMs?.();
    if (breaksAfterMs !== undefined) {
      setTimeout(() => near.destroy(), breaksAfterMs).unref();
    }
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    this.carry(near, far, 'request');
    this.carry(far, near, 'reply');
  }

  private carry(from: Socket, to: Socket, way: Way): void {
    let last: Promise<unknown> = Promise.resolve();
    from.on('data', (bytes) => {
      const sentMs = performance.now();
      last = last.then(() => this.pass(bytes, to, way, sentMs));
    });
  }

  private async pass(
    bytes: Buffer,
    to: Socket,
    way: Way,
    sentMs: number,
  ): Promise<void> {
    const isStalled = () =>
      way === 'request'
        ? this.behaviour.stallsRequests
        : this.behaviour.stallsReplies;
    while (isStalled()) {
      await new Promise<void>((resolve) => this.held.push(resolve));
    }
    const { delayMs, cutsAfter, portion } = this.behaviour;
    if (delayMs) await until(sentMs + delayMs());
    if (way === 'reply' && cutsAfter !== undefined) {
      to.end(bytes.subarray(0, cutsAfter));
      return;
    }
    const size = way === 'reply' && portion ? portion : bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      to.write(bytes.subarray(at, at + size));
      if (size < bytes.length) await until(performance.now() + 5);
    }
  }
}

function until(atMs: number): Promise<unknown> {
  const ms = atMs - performance.now();
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
}
