import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createClient } from 'redis';

const PROGRAM = 'redis-server';
const LONGEST_START_MS = 10_000;

/** The version of the redis-server that is installed, or nothing. */
export function redisVersion() {
  const { status, stdout } = spawnSync(PROGRAM, ['--version']);
  if (status !== 0) return undefined;
  return /v=(\S+)/.exec(String(stdout))?.[1] ?? String(stdout).trim();
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A redis-server of this run alone, on a free port, which keeps nothing on disk. */
export class RedisServer {
  #process;
  #client;

  static async start() {
    const server = new RedisServer(await freePort());
    await server.#whenAnswering();
    return server;
  }

  constructor(port) {
    this.port = port;
    // prettier-ignore
    const settings = [
      '--port', String(port), '--bind', '127.0.0.1',
      '--save', '', '--appendonly', 'no',
    ];
    this.#process = spawn(PROGRAM, settings, { stdio: 'ignore' });
    this.#client = createClient({
      url: `redis://127.0.0.1:${port}`,
      socket: { reconnectStrategy: 20 },
    }).on('error', () => {});
  }

  /** Processor time that the server has used since it began, in microseconds. */
  async cpuUs() {
    const info = await this.#client.info('cpu');
    const seconds = (name) => Number(new RegExp(`${name}:(.*)`).exec(info)[1]);
    return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
  }

  async stop() {
    if (this.#client.isOpen) this.#client.destroy();
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  async #whenAnswering() {
    const late = setTimeout(() => this.#client.destroy(), LONGEST_START_MS);
    try {
      await this.#client.connect();
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }
}
