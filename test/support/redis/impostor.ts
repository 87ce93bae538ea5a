import { once } from 'node:events';
import { AddressInfo, createServer, Server, Socket } from 'node:net';

/** What is replied to a command, in bytes of the protocol; nothing where it is left without a reply. */
export type Reply = (command: readonly string[]) => string | undefined;

/** A server that speaks the protocol of Redis and says what it likes. */
export class Impostor {
  private readonly sockets = new Set<Socket>();
  /** How many of each command it was sent. */
  readonly asked = new Map<string, number>();

  private constructor(private readonly server: Server) {}

  static async start(reply: Reply): Promise<Impostor> {
    const server = createServer();
    const impostor = new Impostor(server);
    server.on('connection', (socket) => impostor.serve(socket, reply));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return impostor;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `redis://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private serve(socket: Socket, reply: Reply): void {
    this.sockets.add(socket);
    let unread = '';
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (bytes) => {
      unread += bytes.toString('latin1');
      for (;;) {
        const read = readCommand(unread);
        if (!read) return;
        unread = unread.slice(read.end);
        const name = read.command[0].toLowerCase();
        this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
        const said = reply([name, ...read.command.slice(1)]);
        if (said !== undefined) socket.write(Buffer.from(said, 'latin1'));
      }
    });
  }
}

/** The first command in a text, and where it ends; nothing while it is not complete. */
function readCommand(text: string) {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) return undefined;
  let end = head[0].length;
  const command: string[] = [];
  for (let i = 0; i < Number(head[1]); i++) {
    const length = /^\$(\d+)\r\n/.exec(text.slice(end, end + 32));
    if (!length) return undefined;
    const start = end + length[0].length;
    end = start + Number(length[1]) + 2;
    if (text.length < end) return undefined;
    command.push(text.slice(start, end - 2));
  }
  return { command, end };
}
