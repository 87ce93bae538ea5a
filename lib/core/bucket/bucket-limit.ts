/** The rate and size of a bucket. */
export interface BucketRate {
  /** Tokens added per `everyMs`; above zero, fractions allowed. */
  readonly maxRate: number;
  /** The window of `maxRate`, in milliseconds; above zero. */
  readonly everyMs: number;
  /** The most tokens that a bucket holds, hence the largest burst; a whole number from 1. */
  readonly capacity: number;
}

/** A rate with the figures that every decision needs, computed once. */
export interface BucketLimit extends BucketRate {
  /** Tokens added per millisecond. */
  readonly tokensPerMs: number;
  /** Milliseconds that an empty bucket takes to fill. */
  readonly refillMs: number;
}

/**
 * Computes a limit from its rate.
 *
 * @throws RangeError if a figure is outside its range
 * @example
 * ```ts
 * const limit = bucketLimit({ maxRate: 100, everyMs: 60_000, capacity: 20 });
 * ```
 */
export function bucketLimit(rate: BucketRate): BucketLimit {
  const { maxRate, everyMs, capacity } = rate;
  requirePositive('maxRate', maxRate);
  requirePositive('everyMs', everyMs);
  requirePositive('capacity', capacity);
  if (!Number.isInteger(capacity)) {
    throw new RangeError(`capacity must be a whole number, not ${capacity}`);
  }
  const tokensPerMs = maxRate / everyMs;
  requirePositive('maxRate / everyMs', tokensPerMs);
  const refillMs = capacity / tokensPerMs;
  requirePositive('capacity * everyMs / maxRate', refillMs);
  return { maxRate, everyMs, capacity, tokensPerMs, refillMs };
}

function requirePositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) {
    throw new RangeError(
      `${name} must be a finite number above 0, not ${value}`,
    );
  }
}
