/** A bucket as KrakenD fills and bounds it. */
export interface EnforcedBucket {
  /** Tokens per window, as written. */
  readonly maxRate: number;
  /** The window, in nanoseconds. */
  readonly everyNs: number;
  readonly capacity: number;
  /** Whether the first stock is missing, so that the first request is refused. */
  readonly startsEmpty: boolean;
}

/** In doubles and in this order, as KrakenD works it out. */
export function perSecond(maxRate: number, everyNs: number): number {
  return maxRate * (1e9 / everyNs);
}

/** What a capacity of 0, or none, becomes: the rate per second cut to a whole number. */
export function defaultCapacity(ratePerSecond: number): number {
  return ratePerSecond < 1 ? 1 : Math.trunc(ratePerSecond);
}

/** Above a token per nanosecond KrakenD divides by zero once the first stock is used. */
export const HIGHEST_RATE_PER_SECOND = 1e9;

/** Whether KrakenD breaks down when such a bucket is empty. */
export function breaksDown({ maxRate, everyNs }: EnforcedBucket): boolean {
  return perSecond(maxRate, everyNs) > HIGHEST_RATE_PER_SECOND;
}
