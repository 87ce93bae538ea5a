import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './redis/free-port.js';

/** Debian's own place: what is in PATH there runs the server as another user. */
const program =
  process.env['RABBITMQ_SERVER'] ?? '/usr/lib/rabbitmq/bin/rabbitmq-server';

const LONGEST_START_MS = 90_000;

/** Whether the broker is installed. In CI its absence is a failure, not a reason to skip. */
export const hasRabbitmq = isInstalled();

function isInstalled(): boolean {
  const found = existsSync(program);
  if (!found && process.env['CI'] === 'true') {
    throw new Error(
      `${program} is not installed: acknowledgements cannot be tested`,
    );
  }
  if (!found) console.warn(`SKIPPED: ${program} is not installed`);
  return found;
}

/** A broker of the test, on a free port, whose queues go when it stops. */
export class RabbitmqServer {
  private constructor(
    private readonly port: number,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(): Promise<RabbitmqServer> {
    const [port, distribution] = [await freePort(), await freePort()];
    const folder = mkdtempSync(join(tmpdir(), 'floodgate-rabbitmq-'));
    // prettier-ignore
    const settings = {
      RABBITMQ_NODENAME: `floodgate-${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_CONFIG_FILE: join(folder, 'none'),
      RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
      HOME: folder,
    };
    const child = spawn(program, {
      env: { ...process.env, ...settings },
      stdio: 'ignore',
      detached: true,
    });
    const server = new RabbitmqServer(port, child, folder);
    await server.whenListening();
    return server;
  }

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.process;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const ended = once(this.process, 'exit');
      // The Erlang machine and what it runs are one group.
      process.kill(-pid, 'SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async whenListening(): Promise<void> {
    const deadline = Date.now() + LONGEST_START_MS;
    while (!(await this.isListening())) {
      if (this.process.exitCode !== null || Date.now() > deadline) {
        await this.stop();
        throw new Error(`${program} did not start`);
      }
      await sleep(100);
    }
  }

  private isListening(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('error', () => resolve(false));
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
    });
  }
}
