import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../support/redis/free-port.js';
import { fiveMinutes } from './five-minutes.js';
import type { PastedApplication, PrintedAnswer } from './five-minutes.js';

/** Where it compiles first, on a busy machine. */
const LONGEST_START_MS = 180_000;

/** What an application answers to the requests of the README. */
export interface Answers {
  readonly allowed: readonly number[];
  readonly refused: PrintedAnswer;
  readonly served: PrintedAnswer;
}

/** What the README prints. */
export async function printedAnswers(): Promise<Answers> {
  const { refused, served } = await fiveMinutes();
  return { allowed: [200, 200, 200], refused, served };
}

/**
 * Starts the pasted application and its backend, and asks what the README asks.
 *
 * @param command what starts it, such as `node dist/main.js`, in its folder
 */
export async function askAsInReadme(
  application: PastedApplication,
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<Answers> {
  const { refused, served, paths } = await fiveMinutes();
  const { folder } = application;
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const backend = new Running([process.execPath, 'backend.mjs'], folder, {});
  const running = new Running(command, folder, { ...env, PORT: String(port) });
  try {
    await backend.answersAt(`http://localhost:${application.backendPort}`);
    await running.answersAt(url);
    const allowed = [];
    for (let i = 0; i < 3; i++)
      allowed.push((await fetch(url + paths[0])).status);
    return {
      allowed,
      refused: await answer(url + paths[0], refused),
      served: await answer(url + paths[1], served),
    };
  } finally {
    await Promise.all([running.stop(), backend.stop()]);
  }
}

/** What a request is answered, with the header fields that `printed` has. */
async function answer(
  url: string,
  printed: PrintedAnswer,
): Promise<PrintedAnswer> {
  const { status, headers, body } = await fetchWhole(url);
  const named = Object.entries(printed.headers).map(([name, value]) => [
    name,
    aMomentLater(headers.get(name), value),
  ]);
  return { status, headers: Object.fromEntries(named), body };
}

/** What is printed, where a field differs from it by a few seconds less to wait: the machine may be slow. */
function aMomentLater(value: string | null, printed: string): string | null {
  if (value === null) return null;
  const seconds = /(^|t=)(\d+)$/;
  const [waited, asPrinted] = [value, printed].map((text) =>
    Number(seconds.exec(text)?.[2]),
  );
  return asPrinted - waited > 0 && asPrinted - waited <= 5
    ? value.replace(seconds, `$1${asPrinted}`)
    : value;
}

async function fetchWhole(url: string) {
  const response = await fetch(url);
  const text = await response.text();
  try {
    return {
      status: response.status,
      headers: response.headers,
      body: JSON.parse(text) as unknown,
    };
  } catch {
    return { status: response.status, headers: response.headers, body: text };
  }
}

/** A process of the test. */
class Running {
  private readonly child: ChildProcess;
  private said = '';

  constructor(
    [program, ...args]: readonly string[],
    cwd: string,
    env: Record<string, string>,
  ) {
    this.child = spawn(program, args, {
      cwd,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what it starts ends with it.
      detached: true,
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    }
  }

  /** Waits until something answers there, whatever it says. */
  async answersAt(url: string): Promise<void> {
    const deadline = performance.now() + LONGEST_START_MS;
    while (performance.now() < deadline) {
      if (this.hasEnded) break;
      try {
        await fetch(url);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    throw new Error(`did not start:\n${this.said}`);
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const exit = once(this.child, 'exit');
    const { pid } = this.child;
    process.kill(-pid!, 'SIGTERM');
    const overdue = setTimeout(() => process.kill(-pid!, 'SIGKILL'), 5_000);
    await exit;
    clearTimeout(overdue);
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
