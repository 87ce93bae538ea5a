import { randomUUID } from 'node:crypto';
import { BEAT } from '../lua/beat.js';
import { RedisLink } from '../link/redis-link.js';

const BEAT_MS = 1_000;
const ALIVE_MS = 3_500;
/** Counts that are remembered: a Redis that lost its data counts from one again. */
const REMEMBERED = 3;

/** Tells Redis once a second that this instance is alive, and learns how many are. */
export class Heartbeat {
  private readonly id = randomUUID();
  private counts: number[];
  private timer: NodeJS.Timeout | undefined;

  /** @param assumed how many there are until they have been counted */
  constructor(
    private readonly link: RedisLink,
    private readonly key: string,
    assumed: number,
  ) {
    this.counts = [assumed];
  }

  /** How many instances are alive, as far as was heard last. */
  readonly instances = (): number => Math.max(...this.counts);

  start(): void {
    if (this.timer) return;
    void this.beat();
    this.timer = setInterval(() => void this.beat(), BEAT_MS).unref();
  }

  /** Is counted no longer. */
  async stop(): Promise<void> {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = undefined;
    if (!this.link.isReady()) return;
    await this.link.send(this.key, ['zrem', this.key, this.id]).catch(() => {});
  }

  private async beat(): Promise<void> {
    if (!this.link.isReady()) return;
    const args = [this.id, String(ALIVE_MS)];
    try {
      const count = Number(await BEAT.run(this.link, [this.key], args));
      this.counts = [...this.counts, count].slice(-REMEMBERED);
    } catch {
      // The decisions tell that Redis is gone; the last count stays.
    }
  }
}
