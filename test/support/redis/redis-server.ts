import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { freePort } from './free-port.js';
import { redisProgram } from './redis-program.js';

export { hasRedisServer } from './redis-program.js';

const LONGEST_START_MS = 20_000;

/** A server process of the test, which may be hurt. */
export class RedisServer {
  private process!: ChildProcess;
  private readonly folder = mkdtempSync(join(tmpdir(), 'floodgate-redis-'));

  private constructor(
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  /** Starts one on a free port; nothing is saved to disk. */
  static async start(settings: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), settings);
    await server.startAgain();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on the same port, without data, and waits until it answers. */
  async startAgain(): Promise<void> {
    const port = String(this.port);
    // prettier-ignore
    const settings = [
      '--port', port, '--bind', '127.0.0.1',
      '--save', '', '--appendonly', 'no', '--dir', this.folder,
      ...this.settings,
    ];
    this.process = spawn(redisProgram, settings, { stdio: 'ignore' });
    await this.whenAnswering();
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }

  /** Stops it in its tracks; connections stay open. */
  freeze(): void {
    this.process.kill('SIGSTOP');
  }

  thaw(): void {
    this.process.kill('SIGCONT');
  }

  /** Sends one command over a connection of its own. */
  command(...args: (string | Buffer)[]): Promise<unknown> {
    return RedisServer.commandAt(this.url, ...args);
  }

  /** Sends one command to any Redis. */
  static async commandAt(
    url: string,
    ...args: (string | Buffer)[]
  ): Promise<unknown> {
    const client = createClient({ url });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async whenAnswering(): Promise<void> {
    const socket = { reconnectStrategy: 20 };
    const client = createClient({ url: this.url, socket });
    client.on('error', () => {});
    const late = setTimeout(() => client.destroy(), LONGEST_START_MS);
    try {
      await client.connect();
    } finally {
      clearTimeout(late);
      if (client.isOpen) client.destroy();
    }
  }
}
