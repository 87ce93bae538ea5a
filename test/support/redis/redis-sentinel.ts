import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { redisProgram } from './redis-program.js';
import { RedisServer } from './redis-server.js';

const NAME = 'mymaster';
const LONGEST_START_MS = 20_000;

/** A master, its replica, and one sentinel who decides alone. */
export class RedisSentinel {
  readonly name = NAME;

  private constructor(
    readonly master: RedisServer,
    readonly replica: RedisServer,
    readonly port: number,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(): Promise<RedisSentinel> {
    const fast = ['--repl-diskless-sync', 'yes'];
    const master = await RedisServer.start([
      ...fast,
      '--repl-diskless-sync-delay',
      '0',
    ]);
    const replica = await RedisServer.start([
      ...fast,
      '--replicaof',
      `127.0.0.1 ${master.port}`,
    ]);
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'floodgate-sentinel-'));
    const file = join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${NAME} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${NAME} 500`,
      `sentinel failover-timeout ${NAME} 5000`,
    ];
    writeFileSync(file, lines.join('\n'));
    const process = spawn(redisProgram, [file, '--sentinel'], {
      stdio: 'ignore',
    });
    const made = new RedisSentinel(master, replica, port, process, folder);
    await made.whenComplete();
    return made;
  }

  /** Kills the master and waits until Sentinel names the replica, which it finds out up to a second after it made it master. */
  async failOver(): Promise<void> {
    await this.master.kill();
    await until(async () => {
      const [, port] = await this.ask('get-master-addr-by-name');
      return Number(port) === this.replica.port;
    });
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    await Promise.all([this.master.stop(), this.replica.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The replica is in step, and the sentinel knows it. */
  private async whenComplete(): Promise<void> {
    await until(async () =>
      String(await this.replica.command('info', 'replication')).includes(
        'master_link_status:up',
      ),
    );
    await until(async () => (await this.ask('replicas')).length === 1);
  }

  /** What the sentinel knows of the master. */
  private async ask(about: string): Promise<unknown[]> {
    const url = `redis://127.0.0.1:${this.port}`;
    const found = await RedisServer.commandAt(url, 'sentinel', about, NAME);
    return found as unknown[];
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const lastMs = Date.now() + LONGEST_START_MS;
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > lastMs) throw new Error('Sentinel took too long');
    await pause(50);
  }
}
