import * as z from 'zod/mini';
import { count, duration, durationOrZero } from './figures.js';
import { orDefault, strictOptions } from './strict-options.js';

const METHODS = [
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'POST',
  'PATCH',
] as const;
const STATUS = 'an HTTP status from 400 to 599';
const SHARE = 'a number from 0 to 1';
const FLOOR = 'a number from 0';

/** When a call is retried. */
export const retryOptions = z.pipe(
  strictOptions(() => ({
    /** The maximum number of retries after the first attempt. Default 2. */
    limit: orDefault(count, 2),
    /** Methods that may be retried. Default: the idempotent ones, GET, HEAD, OPTIONS, PUT and DELETE. */
    methods: orDefault(
      z.array(z.enum(METHODS, { error: `one of ${METHODS.join(', ')}` }), {
        error: 'a list of methods',
      }),
      ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
    ),
    /** Status codes that are retried, besides failed and broken connections. Default 429, 502, 503 and 504. */
    statusCodes: orDefault(
      z.array(
        z
          .int({ error: STATUS })
          .check(
            z.minimum(400, { error: STATUS }),
            z.maximum(599, { error: STATUS }),
          ),
        { error: 'a list of HTTP statuses' },
      ),
      [429, 502, 503, 504],
    ),
    /** The upper bound of the first backoff, doubled for each further one; the backoff is random up to that bound (full jitter). Default 100ms. */
    baseDelay: orDefault(durationOrZero, 100),
    /** The largest upper bound of a backoff; a `Retry-After` may ask for longer. Default 2s. */
    maxDelay: orDefault(duration, 2000),
    /** The timeout of a single attempt, so that time is left for another. Default: all that remains of `timeout`. */
    attemptTimeout: z.optional(duration),
  })),
  z.transform(({ baseDelay, maxDelay, attemptTimeout, ...policy }) => ({
    ...policy,
    baseMs: baseDelay,
    maxMs: maxDelay,
    attemptTimeoutMs: attemptTimeout,
  })),
);

/** How many retries and hedges all calls to a backend may make in total. */
export const retryBudget = strictOptions(() => ({
  /** Retries earned per call. Default 0.2, one retry for five calls. */
  ratio: orDefault(
    z
      .number({ error: SHARE })
      .check(z.minimum(0, { error: SHARE }), z.maximum(1, { error: SHARE })),
    0.2,
  ),
  /** Additional retries per second, for backends that are rarely called. Default 1. */
  minPerSecond: orDefault(
    z
      .number({ error: FLOOR })
      .check(
        z.minimum(0, { error: FLOOR }),
        z.maximum(1e6, { error: 'at most 1e6' }),
      ),
    1,
  ),
  /** The maximum number of saved retries. Default 10. */
  burst: orDefault(count, 10),
}));

const HEDGE_AFTER = 'a duration text such as "50ms", or "p50" to "p99"';

/** When a slow safe read is hedged with a second request. */
export const hedgeOptions = strictOptions(() => ({
  /** How long to wait for a response before hedging: a duration, or a percentile of recent latencies such as "p95". */
  after: z.union(
    [
      z.pipe(
        z.string().check(z.regex(/^p[5-9]\d$/)),
        z.transform((text) => ({ quantile: Number(text.slice(1)) / 100 })),
      ),
      z.pipe(
        duration,
        z.transform((afterMs) => ({ afterMs })),
      ),
    ],
    { error: HEDGE_AFTER },
  ),
  /** The maximum number of additional requests. Default 1. */
  max: orDefault(count, 1),
}));

/** A retry policy as configured. */
export type RetryOptions = z.input<typeof retryOptions>;
/** A validated retry policy. */
export type RetryPolicy = z.output<typeof retryOptions>;
/** Hedge options as configured. */
export type HedgeOptions = z.input<typeof hedgeOptions>;
/** A validated hedge policy. */
export type HedgePolicy = z.output<typeof hedgeOptions>;
