import { WaitQueue } from '../../../core/waiting/wait-queue.js';
import { CallPlan } from '../call-plan.js';
import { Shortage } from '../shortage.js';
import { Waiter } from './waiter.js';

/** Those of a line who wait for the same buckets, and what the first of them was last refused for. */
export class Lane {
  readonly queue = new WaitQueue<Waiter>();
  /** Whether a store in the network is deciding for the first of them. */
  isAsking = false;
  private sinceMs = 0;
  private refusedMs = 0;

  /** @param shortage what brought the first of them here */
  constructor(
    readonly plan: CallPlan | undefined,
    private lacking: Shortage,
    nowMs: number,
  ) {
    this.block(lacking, nowMs);
  }

  get shortage(): Shortage {
    return this.lacking;
  }

  /** Whoever comes now has others before it. */
  get isOccupied(): boolean {
    return this.queue.size > 0 || this.isAsking;
  }

  /** Nobody passes until `dueAtMs`. */
  block(shortage: Shortage, nowMs: number): void {
    this.lacking = lasting(shortage);
    this.sinceMs = nowMs;
    this.refusedMs = shortage.of === 'place' ? Infinity : shortage.retryAfterMs;
  }

  /** What was lacking may be there before its time. */
  reopen(): void {
    this.refusedMs = 0;
  }

  /** Whether it is worth trying again. */
  isDue(nowMs: number): boolean {
    return this.queue.size > 0 && !this.isAsking && this.dueAtMs <= nowMs;
  }

  /** When something has to be done here, if nothing happens before. */
  get wakeAtMs(): number {
    if (this.queue.size === 0) return Infinity;
    const { soonestExpiryMs } = this.queue;
    return this.isAsking
      ? soonestExpiryMs
      : Math.min(this.dueAtMs, soonestExpiryMs);
  }

  /** Lets the first out. */
  leaveFirst(): Waiter | undefined {
    const { head } = this.queue;
    if (head) this.queue.leave(head);
    return head;
  }

  /** Lets all out whose time is over, or will be before anybody here can pass. */
  leaveLate(nowMs: number): Waiter[] {
    const { dueAtMs } = this;
    const isKnown = !this.isAsking && dueAtMs < Infinity;
    return this.queue.leaveExpiring(
      isKnown && dueAtMs > nowMs ? dueAtMs : nowMs,
    );
  }

  /** When those here may pass; `Infinity` while only the end of another call can tell. */
  private get dueAtMs(): number {
    return this.sinceMs + this.refusedMs;
  }

  /**
   * The least that somebody has to wait here who has others before it. Of a place nobody knows, so that is no bound.
   *
   * @param aheadInLane those in this lane
   * @param aheadInAll those in all lanes of the backend
   */
  waitMs(aheadInLane: number, aheadInAll: number, nowMs: number): number {
    const { lacking, sinceMs } = this;
    if (lacking.of === 'place') return 0;
    let totalMs = lacking.retryAfterMs;
    if (lacking.of === 'tokens' && this.plan) {
      for (const [i, { tokensPerMs, isOwn }] of this.plan.limits.entries()) {
        const ahead = isOwn ? aheadInAll : aheadInLane;
        const missing = ahead + 1 - lacking.verdict.tokens[i];
        totalMs = Math.max(totalMs, missing / tokensPerMs);
      }
    }
    return Math.max(0, totalMs - (nowMs - sinceMs));
  }
}

/** A verdict is valid until the next of its plan, and a lane needs it for longer. */
function lasting(shortage: Shortage): Shortage {
  if (shortage.of !== 'tokens') return shortage;
  const { admitted, retryAfterMs, waitsMs, tokens } = shortage.verdict;
  const verdict = {
    admitted,
    retryAfterMs,
    waitsMs: Array.from(waitsMs),
    tokens: Array.from(tokens),
  };
  return { ...shortage, verdict };
}
