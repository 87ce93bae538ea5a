import { HedgePolicy } from '../../config/schema/retry.schema.js';
import { LatencyDigest } from '../../core/latency/latency-digest.js';

/** With fewer answers than this a quantile is chance. */
const ENOUGH_ANSWERS = 20;

/** How long a read may be without an answer before it is asked for again. */
export class HedgeDelay {
  private readonly latencies = new LatencyDigest();

  constructor(private readonly after: HedgePolicy['after']) {}

  /** In milliseconds; `Infinity` while too little is known. */
  get ms(): number {
    if ('afterMs' in this.after) return this.after.afterMs;
    return this.latencies.count < ENOUGH_ANSWERS
      ? Infinity
      : this.latencies.quantileMs(this.after.quantile);
  }

  /** Takes note of how long an answer took. */
  record(tookMs: number): void {
    if ('quantile' in this.after) this.latencies.record(tookMs);
  }
}
