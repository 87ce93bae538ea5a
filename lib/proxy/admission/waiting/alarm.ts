import { Clock } from '../../../stores/clock.js';

/** A timer of Node that is set to more fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One timer that can be set to another instant; it never rings before it. */
export class Alarm {
  private timer: NodeJS.Timeout | undefined;
  private atMs = Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Sets it to the only instant at which it rings; `Infinity` for none. */
  set(atMs: number): void {
    if (atMs === this.atMs) return;
    clearTimeout(this.timer);
    this.atMs = atMs;
    this.timer = atMs === Infinity ? undefined : this.start(atMs);
  }

  private start(atMs: number): NodeJS.Timeout {
    // Node cuts fractions off, and would ring early.
    const delayMs = Math.ceil(atMs - this.clock());
    const timer = setTimeout(
      () => this.due(),
      Math.min(Math.max(delayMs, 1), LONGEST_TIMER_MS),
    );
    return timer;
  }

  private due(): void {
    const { atMs } = this;
    this.atMs = Infinity;
    if (this.clock() < atMs) this.set(atMs);
    else this.ring();
  }
}
