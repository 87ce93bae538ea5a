import { OpenGrowth } from './breaker-settings.js';

/** How long a breaker stays open: longer with each consecutive opening, and different on each instance. */
export class OpenTime {
  private nextMs: number;

  /** @param random returns a number from 0 to below 1 */
  constructor(
    private readonly baseMs: number,
    private readonly growth: OpenGrowth,
    private readonly random: () => number,
  ) {
    this.nextMs = baseMs;
  }

  /** The time of this opening, in milliseconds; the next is longer. Jitter never shortens it. */
  take(): number {
    const { factor, maxMs, jitter } = this.growth;
    const openMs = this.nextMs;
    this.nextMs = Math.min(openMs * factor, maxMs);
    return openMs + openMs * jitter * this.random();
  }

  /** Starts again at the first time. */
  reset(): void {
    this.nextMs = this.baseMs;
  }
}
