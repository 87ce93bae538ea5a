import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** An application in a process of its own, listening on a free port. */
export interface RunningApplication {
  readonly url: string;
  /** What it wrote to its error stream. */
  complaints(): string;
  /** Asks it to end, and gives its exit code once it has. */
  stop(): Promise<number | null>;
}

/** Starts the compiled application of that folder; it prints its URL when it listens. */
export async function startApplication(
  folder: string,
  env: Record<string, string>,
): Promise<RunningApplication> {
  const child = spawn(process.execPath, [join(folder, 'main.js')], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const lines = createInterface({ input: child.stdout });
  const url = await Promise.race([
    once(lines, 'line').then(([line]) => line as string),
    exit.then(() => undefined),
  ]);
  if (url === undefined) throw new Error(`did not start:\n${complaints}`);
  return {
    url,
    complaints: () => complaints,
    async stop() {
      child.kill('SIGTERM');
      const overdue = setTimeout(() => child.kill('SIGKILL'), 10_000);
      const [code] = await exit;
      clearTimeout(overdue);
      return code;
    },
  };
}
