import { ConcurrencyConfig } from '../../config/schema/concurrency.schema.js';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { Places } from '../../core/concurrency/places.js';
import { VegasLimit } from '../../core/concurrency/vegas-limit.js';

/** How many calls to one backend may be underway: a fixed number, or one that it finds by how long calls take. */
export class BackendConcurrency {
  readonly places: Places;
  private readonly adaptive: VegasLimit | undefined;

  /** @param random numbers from 0 to below 1 */
  constructor(
    { maxConcurrent, adaptive }: ConcurrencyConfig,
    nowMs: number,
    random: () => number,
  ) {
    this.adaptive = adaptive && new VegasLimit(adaptive, random, nowMs);
    this.places = new Places(this.adaptive ?? { current: maxConcurrent });
  }

  get underway(): number {
    return this.places.underway;
  }

  get limit(): number {
    return this.places.limit;
  }

  /** Learns from how long a call took. One that was cancelled or never sent says nothing. */
  learn(tookMs: number, outcome: CallOutcome, nowMs: number): void {
    if (outcome === 'ignored') return;
    const isFailure = outcome === 'failure';
    this.adaptive?.observe(tookMs, this.places.underway, isFailure, nowMs);
  }
}
