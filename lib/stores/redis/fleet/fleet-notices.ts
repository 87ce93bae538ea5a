import { randomUUID } from 'node:crypto';
import { Clock } from '../../clock.js';
import { Fleet, NoticeListener } from '../../fleet.js';
import { RedisLink } from '../link/redis-link.js';
import { EXCHANGE } from '../lua/exchange.js';
import { Heartbeat } from '../outage/heartbeat.js';
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
    private readonly link: RedisLink,
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
    if (!this.isStarted || this.isUnderway || !this.link.isReady()) return;
    this.isUnderway = true;
    const args = this.board.takeUntold(this.clock());
    try {
      const reply = await EXCHANGE.run(this.link, [this.key], args);
      const instances = this.heartbeat.instances();
      this.board.hear(String(reply), instances, this.clock());
    } catch {
      // The decisions tell that Redis is gone; what was not told will be missing in the next answer.
    } finally {
      this.isUnderway = false;
    }
  }
}
