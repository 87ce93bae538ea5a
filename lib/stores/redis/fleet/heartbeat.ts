import { randomUUID } from 'node:crypto';
import { BEAT, LEAVE } from '../lua/script.js';
import { RoundTrips } from '../outage/round-trips.js';
import { UnexpectedReply } from '../outage/unexpected-reply.js';

const BEAT_MS = 1_000;
const ALIVE_MS = 3_500;
/** Counts that are remembered: a Redis that lost its data counts from one again. */
const REMEMBERED = 3;

/** Tells Redis once a second that this instance is alive, and learns how many are. */
export class Heartbeat {
  private readonly id = randomUUID();
  private counts: number[];
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param key where the instances are listed
   * @param assumed how many there are until they have been counted
   */
  constructor(
    private readonly roundTrips: RoundTrips,
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
    await this.roundTrips.aside({
      script: LEAVE,
      keys: [this.key],
      args: [this.id],
      read: () => {},
    });
  }

  private async beat(): Promise<void> {
    const count = await this.roundTrips.aside({
      script: BEAT,
      keys: [this.key],
      args: [this.id, String(ALIVE_MS)],
      read: countIn,
    });
    // Where nothing was heard, the last count stays.
    if (count === undefined) return;
    this.counts = [...this.counts, count].slice(-REMEMBERED);
  }
}

function countIn(reply: unknown): number {
  if (typeof reply === 'number' && Number.isInteger(reply) && reply >= 1) {
    return reply;
  }
  throw new UnexpectedReply(reply, 'a count');
}
