import { OpenGrowth } from './breaker-settings.js';

/** How long a breaker stays open: longer with each opening in a row, and not the same everywhere. */
export class OpenTime {
  private nextMs: number;

  /** @param random a number from 0 up to 1, another with each call */
  constructor(
    private readonly baseMs: number,
    private readonly growth: OpenGrowth,
    private readonly random: () => number,
  ) {
    this.nextMs = baseMs;
  }

  /** The time of this opening; that of the next is longer. Never less than the first would be without jitter. */
  take(): number {
    const { factor, maxMs, jitter } = this.growth;
    const openMs = this.nextMs;
    this.nextMs = Math.min(openMs * factor, maxMs);
    return openMs + openMs * jitter * this.random();
  }

  /** Begins at the first time again. */
  reset(): void {
    this.nextMs = this.baseMs;
  }
}
