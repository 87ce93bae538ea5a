import { fork } from 'node:child_process';

/** How long a process may take to end. */
const PATIENCE_MS = 5000;

/** What this process was started with, such as `--cpu-prof`; profiles are told apart by name. */
function inheritedFlags(name) {
  const profiles = process.execArgv.includes('--cpu-prof');
  const file = `${name.replaceAll(/[^\w-]+/g, '-')}.${Date.now()}.cpuprofile`;
  return [
    ...process.execArgv,
    ...(profiles ? [`--cpu-prof-name=${file}`] : []),
  ];
}

/** A process of a contestant, a server or a load generator, asked one thing at a time. */
export class Child {
  #process;
  #name;
  #waiting;

  /** Starts `file` (a URL) and waits until it says that it is ready. */
  static async start(file, { name, settings = {}, nodeFlags = [] }) {
    const child = new Child(file, name, settings, nodeFlags);
    child.ready = await child.#answer();
    return child;
  }

  constructor(file, name, settings, nodeFlags) {
    this.#name = name;
    this.#process = fork(file, [JSON.stringify(settings)], {
      execArgv: [...inheritedFlags(name), ...nodeFlags],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.#process.on('message', (message) => this.#settle(message));
    this.#process.on('exit', (code) =>
      this.#settle({ error: `ended early with code ${code}` }),
    );
  }

  /** Sends a question and waits for its answer. */
  ask(question) {
    if (!this.#process.connected) {
      return Promise.reject(new Error(`${this.#name}: ended early`));
    }
    const answer = this.#answer();
    this.#process.send(question);
    return answer;
  }

  /** Lets the process end by itself, so that it can write its profile, and waits until it is gone. */
  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE_MS);
    await gone;
    clearTimeout(timer);
  }

  #answer() {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #settle({ error, answer }) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error) waiting?.reject(new Error(`${this.#name}: ${error}`));
    else waiting?.resolve(answer);
  }
}

/** Starts a child for every seat, all at once, gives them to `use`, and ends them whatever happens. */
export async function withChildren(starts, use) {
  const starting = await Promise.allSettled(starts.map((start) => start()));
  const started = starting.filter(({ status }) => status === 'fulfilled');
  const children = started.map(({ value }) => value);
  try {
    const failed = starting.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
    return await use(children);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}
