import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const LONGEST_START_MS = 5_000;

/** A redis-server of the demo's own, on a free port, which keeps nothing. */
export class RedisProcess {
  private handle!: ChildProcess;

  private constructor(private readonly port: number) {}

  static async start(): Promise<RedisProcess> {
    const server = new RedisProcess(await freePort());
    await server.startAgain();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** @throws Error when there is no redis-server on this machine */
  async startAgain(): Promise<void> {
    const port = String(this.port);
    const settings = ['--bind', '127.0.0.1', '--port', port, '--save', ''];
    this.handle = spawn('redis-server', settings, { stdio: 'ignore' });
    const failed = once(this.handle, 'error').then(([error]) => {
      throw new Error('The demo needs redis-server.', { cause: error });
    });
    await Promise.race([failed, this.whenListening()]);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.handle;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.handle, 'exit');
    this.handle.kill('SIGKILL');
    await ended;
  }

  private async whenListening(): Promise<void> {
    const lastMs = Date.now() + LONGEST_START_MS;
    while (!(await this.isListening())) {
      if (Date.now() > lastMs) throw new Error('redis-server did not start.');
      await pause(20);
    }
  }

  private isListening(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
