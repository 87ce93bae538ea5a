/** What a bucket is made from. */
export interface BucketRate {
  /** Tokens added per `everyMs`; above zero, fractions allowed. */
  readonly maxRate: number;
  /** The window of `maxRate`, in milliseconds; above zero. */
  readonly everyMs: number;
  /** The most tokens a bucket stores, hence the largest burst; a whole number from 1. */
  readonly capacity: number;
}

/** A rate with what every decision needs of it worked out once. */
export interface BucketLimit extends BucketRate {
  /** Tokens added per millisecond. */
  readonly tokensPerMs: number;
  /** Milliseconds an empty bucket takes to become full. */
  readonly refillMs: number;
}

/**
 * Works out a limit from its rate.
 *
 * @throws RangeError when a figure is outside its range
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
