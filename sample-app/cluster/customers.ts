import { Agent, get } from 'node:http';

/** What the customers of a fleet got in one phase. */
export interface Tally {
  ms: number;
  admitted: number;
  refused: number;
  /** Neither an offer nor a refusal. */
  failed: number;
  /** The longest that anybody waited for an answer. */
  slowestMs: number;
}

const CUSTOMERS_PER_INSTANCE = 4;

/** Customers who ask every instance, again and again, faster than the limit allows. */
export class Customers {
  private readonly agent = new Agent({ keepAlive: true });
  private tally = emptyTally();
  private isOpen = true;
  private readonly loops: Promise<void>[];

  constructor(urls: readonly string[]) {
    this.loops = urls.flatMap((url) =>
      Array.from({ length: CUSTOMERS_PER_INSTANCE }, () => this.ask(url)),
    );
  }

  /** What happened since the last call. */
  take(): Tally {
    const { tally } = this;
    this.tally = emptyTally();
    return { ...tally, ms: performance.now() - tally.ms };
  }

  async stop(): Promise<void> {
    this.isOpen = false;
    await Promise.all(this.loops);
    this.agent.destroy();
  }

  private async ask(url: string): Promise<void> {
    while (this.isOpen) {
      const beganMs = performance.now();
      const status = await this.statusOf(url);
      const { tally } = this;
      tally.slowestMs = Math.max(tally.slowestMs, performance.now() - beganMs);
      if (status === 200) tally.admitted++;
      else if (status === 503) tally.refused++;
      else tally.failed++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  private statusOf(url: string): Promise<number> {
    return new Promise((resolve) => {
      get(`${url}/offers`, { agent: this.agent }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      }).once('error', () => resolve(0));
    });
  }
}

function emptyTally(): Tally {
  const ms = performance.now();
  return { ms, admitted: 0, refused: 0, failed: 0, slowestMs: 0 };
}
