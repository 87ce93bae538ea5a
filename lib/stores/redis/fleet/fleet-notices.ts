import { randomUUID } from 'node:crypto';
import { Clock } from '../../clock.js';
import { Fleet, NoticeListener } from '../../fleet.js';
import { EXCHANGE } from '../lua/exchange.js';
import { RoundTrips } from '../outage/round-trips.js';
import { UnexpectedReply } from '../outage/unexpected-reply.js';
import { Heartbeat } from './heartbeat.js';
import { NoticeBoard } from './notice-board.js';

/** How often Redis is asked what the others say. */
const EXCHANGE_MS = 250;

/**
 * Carries notices between instances: one small script four times a second where
 * anybody listens, and at once when there is something to tell. No request waits
 * for it. While Redis does not answer, what is to be told waits, one text for
 * each topic, and is told afterwards if it still holds.
 */
export class FleetNotices implements Fleet {
  private readonly board = new NoticeBoard(randomUUID());
  private timer: NodeJS.Timeout | undefined;
  private isUnderway = false;
  private isStarted = false;

  /**
   * @param key where the notices are
   * @param heartbeat knows how many instances there are
   */
  constructor(
    private readonly roundTrips: RoundTrips,
    private readonly key: string,
    private readonly heartbeat: Heartbeat,
    private readonly clock: Clock,
  ) {}

  tell(topic: string, untilMs: number): void {
    this.board.tell(topic, untilMs);
    void this.exchange();
  }

  listen(topic: string, hear: NoticeListener): void {
    this.board.listen(topic, hear);
    if (this.isStarted) this.start();
  }

  /** Begins to ask, where anybody listens. */
  start(): void {
    this.isStarted = true;
    if (!this.board.hasListeners || this.timer) return;
    this.heartbeat.start();
    this.timer = setInterval(() => void this.exchange(), EXCHANGE_MS).unref();
    void this.exchange();
  }

  /** Asks no longer. What was told holds until its end. */
  async stop(): Promise<void> {
    this.isStarted = false;
    clearInterval(this.timer);
    await this.heartbeat.stop();
  }

  private async exchange(): Promise<void> {
    if (!this.isStarted || this.isUnderway) return;
    this.isUnderway = true;
    const reply = await this.roundTrips.aside({
      script: EXCHANGE,
      keys: [this.key],
      args: this.board.takeUntold(this.clock()),
      read: textIn,
    });
    this.isUnderway = false;
    // What was not told will be missing in the next answer.
    if (reply === undefined) return;
    this.board.hear(reply, this.heartbeat.instances(), this.clock());
  }
}

function textIn(reply: unknown): string {
  if (Buffer.isBuffer(reply)) return reply.toString();
  throw new UnexpectedReply(reply, 'a string');
}
