import { createServer, connect, AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';

/** A way to a server that can fall silent, as a network does that drops packets: connections stay open, and nothing comes through any more. */
export class SilentPath {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<SilentPath> {
    const server = createServer();
    const path = new SilentPath(server);
    server.on('connection', (near: Socket) => {
      const far = connect(port, '127.0.0.1');
      for (const socket of [near, far]) {
        path.sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          path.sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return path;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `redis://127.0.0.1:${port}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.sockets.size / 2;
  }

  /** Swallows what those who are connected say from now on. Who connects later is heard. */
  fallSilent(): void {
    for (const socket of this.sockets) {
      socket.unpipe();
      socket.resume();
    }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
