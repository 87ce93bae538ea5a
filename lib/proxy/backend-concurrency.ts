import { ConcurrencyConfig } from '../config/schema/concurrency.schema.js';
import { CallOutcome } from '../core/breaker/circuit-breaker.js';
import { Places } from '../core/concurrency/places.js';
import { VegasLimit } from '../core/concurrency/vegas-limit.js';

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

  /** Takes back the place of a call, and learns from how long it took. One that was cancelled or never sent says nothing. */
  ended(tookMs: number | undefined, outcome: CallOutcome, nowMs: number): void {
    const { adaptive, places } = this;
    if (adaptive && tookMs !== undefined && outcome !== 'ignored') {
      adaptive.observe(tookMs, places.underway, outcome === 'failure', nowMs);
    }
    places.giveBack();
  }
}
