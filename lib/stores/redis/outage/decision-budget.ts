import { Clock } from '../../clock.js';

/** Something that waits for an answer, but not for ever. */
export interface TimedWait {
  readonly isSettled: boolean;
  /** Its time is up. */
  expire(): void;
}

interface Due {
  readonly atMs: number;
  readonly waiting: TimedWait;
}

/**
 * Ends what waits longer than the budget. Whoever begins first is due first, so
 * one timer serves all, at most once a budget, however many wait.
 */
export class DecisionBudget {
  private queue: Due[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly budgetMs: number,
    private readonly clock: Clock,
  ) {}

  /** Begins to count for `waiting`. */
  watch(waiting: TimedWait, nowMs: number): void {
    // With its answer, which is worth nothing any more.
    while (this.queue[0]?.waiting.isSettled) this.queue.shift();
    this.queue.push({ atMs: nowMs + this.budgetMs, waiting });
    this.timer ??= this.timerFor(this.budgetMs);
  }

  /** Ends everything that still waits. */
  close(): void {
    clearTimeout(this.timer);
    const ended = this.queue;
    this.queue = [];
    for (const { waiting } of ended) if (!waiting.isSettled) waiting.expire();
  }

  private timerFor(ms: number): NodeJS.Timeout {
    // When this process was busy, answers may lie unread: they are read before the check phase.
    return setTimeout(() => setImmediate(() => this.expireDue()), ms);
  }

  private expireDue(): void {
    const nowMs = this.clock();
    const later = this.queue.findIndex(
      ({ atMs, waiting }) => !waiting.isSettled && atMs > nowMs,
    );
    const due = this.queue.splice(0, later < 0 ? this.queue.length : later);
    this.timer =
      later < 0 ? undefined : this.timerFor(this.queue[0].atMs - nowMs);
    for (const { waiting } of due) if (!waiting.isSettled) waiting.expire();
  }
}
