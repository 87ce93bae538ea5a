import { Command, RedisLink } from './redis-link.js';

/** What is on its way over a link that was replaced may still arrive for so long. */
const LAST_ANSWERS_MS = 1_000;
/** No attempt is given up for another one sooner. */
const RENEWAL_MS = 1_500;

/**
 * A link that can connect anew. Where a network swallows packets without a word,
 * a connection looks whole until the system gives up on it, which takes a
 * quarter of an hour. The old one serves until the new one can.
 */
export class ReconnectingLink implements RedisLink {
  private current: RedisLink;
  private next: RedisLink | undefined;
  private former: RedisLink | undefined;
  private timer: NodeJS.Timeout | undefined;
  private renewedMs = -Infinity;

  /** @param open makes a link that is not connected yet */
  constructor(private readonly open: () => RedisLink) {
    this.current = open();
  }

  /** Begins to connect anew; an attempt that was begun before is given up, once it has had its time. */
  renew(nowMs: number): void {
    if (nowMs < this.renewedMs + RENEWAL_MS) return;
    this.renewedMs = nowMs;
    this.next?.close();
    const next = this.open();
    this.next = next;
    void next.connect().then(() => this.turnTo(next));
  }

  get isCluster(): boolean {
    return this.current.isCluster;
  }

  get trouble(): string | undefined {
    return this.current.trouble;
  }

  slotOf(key: string): number {
    return this.current.slotOf(key);
  }

  nodeOf(slot: number): string {
    return this.current.nodeOf(slot);
  }

  isReady(): boolean {
    return this.current.isReady();
  }

  connect(): Promise<unknown> {
    return this.current.connect();
  }

  send(key: string, command: Command): Promise<unknown> {
    return this.current.send(key, command);
  }

  close(): void {
    this.next?.close();
    this.next = undefined;
    this.closeFormer();
    this.current.close();
  }

  private turnTo(next: RedisLink): void {
    if (next !== this.next) return;
    this.next = undefined;
    if (!next.isReady()) return next.close();
    this.closeFormer();
    this.former = this.current;
    this.current = next;
    this.timer = setTimeout(() => this.closeFormer(), LAST_ANSWERS_MS).unref();
  }

  private closeFormer(): void {
    clearTimeout(this.timer);
    this.former?.close();
    this.former = undefined;
  }
}
