import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

const LONGEST_START_MS = 30_000;
const LONGEST_STOP_MS = 5_000;

/** A process of ours that listens on a port of 127.0.0.1. */
export class Child {
  private constructor(
    private readonly handle: ChildProcess,
    readonly port: number,
  ) {}

  /** Starts the module `file` and waits until it listens. */
  static async start(file: string, args: string[] = []): Promise<Child> {
    const child = fork(file, args);
    const signal = AbortSignal.timeout(LONGEST_START_MS);
    const [message] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => {
        throw new Error(`${file} ended before it listened`);
      }),
    ]);
    return new Child(child, (message as { port: number }).port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  send(message: string): void {
    this.handle.send(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.handle.on('message', listener);
  }

  /** Asks the process to stop and waits for its end; tells whether it ended by itself, in time and well. */
  async stop(): Promise<boolean> {
    const { exitCode, signalCode } = this.handle;
    if (exitCode !== null || signalCode !== null) return false;
    const ended = once(this.handle, 'exit');
    const late = setTimeout(() => this.handle.kill('SIGKILL'), LONGEST_STOP_MS);
    if (this.handle.connected) this.handle.send('stop');
    const [code] = await ended;
    clearTimeout(late);
    return code === 0;
  }
}
