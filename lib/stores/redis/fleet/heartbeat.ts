import { randomUUID } from 'node:crypto';
import { BEAT, LEAVE } from '../lua/script.js';
import { RoundTrips } from '../outage/round-trips.js';
import { UnexpectedReply } from '../outage/unexpected-reply.js';

const BEAT_MS = 1_000;
const ALIVE_MS = 3_500;
/** An instance that comes back later than this, or is unknown then, was away or forgotten, and so may others be. */
const AGAIN_WITHIN_MS = 2_000;
/** In so many beats every instance that is alive has come again. */
const BEATS_UNTIL_COMPLETE = 4;

interface Count {
  readonly instances: number;
  /** Whether Redis still knew this instance from its last beat. */
  readonly isKnown: boolean;
}

/** Tells Redis once a second that this instance is alive, and learns how many are. */
export class Heartbeat {
  private readonly id = randomUUID();
  private counted: number;
  /** How many counts may still miss somebody. */
  private incomplete = BEATS_UNTIL_COMPLETE;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param key where the instances are listed
   * @param assumed how many there are until they have been counted
   */
  constructor(
    private readonly roundTrips: Pick<RoundTrips, 'aside'>,
    private readonly key: string,
    assumed: number,
  ) {
    this.counted = assumed;
  }

  /** How many instances are alive, as far as was heard last. */
  readonly instances = (): number => this.counted;

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
      args: [this.id, String(ALIVE_MS), String(AGAIN_WITHIN_MS)],
      read: countIn,
    });
    // Where nothing was heard, the last count stays.
    if (count !== undefined) this.take(count);
  }

  /** A count that may miss somebody only raises the number: a Redis that lost its data counts from one again. */
  private take({ instances, isKnown }: Count): void {
    if (!isKnown) this.incomplete = BEATS_UNTIL_COMPLETE;
    if (this.incomplete === 0) this.counted = instances;
    else {
      this.incomplete--;
      this.counted = Math.max(this.counted, instances);
    }
  }
}

function countIn(reply: unknown): Count {
  const [instances, known] = Array.isArray(reply) ? reply : [];
  const isCount = Number.isInteger(instances) && instances >= 1;
  if (isCount && (known === 0 || known === 1)) {
    return { instances, isKnown: known === 1 };
  }
  throw new UnexpectedReply(reply, 'a count');
}
