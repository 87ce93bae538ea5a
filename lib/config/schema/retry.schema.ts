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

/** When a call is tried again. */
export const retry = z.pipe(
  strictOptions(() => ({
    /** The most retries after the first attempt. Default 2. */
    limit: orDefault(count, 2),
    /** Methods that may be sent twice. Default: the idempotent ones, GET, HEAD, OPTIONS, PUT and DELETE. */
    methods: orDefault(
      z.array(z.enum(METHODS, { error: `one of ${METHODS.join(', ')}` }), {
        error: 'a list of methods',
      }),
      ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
    ),
    /** Answers to try again after, beside connections that failed or broke. Default 429, 502, 503 and 504. */
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
    /** The bound of the first pause, doubled for each further one; the pause is anything up to it. Default 100ms. */
    baseDelay: orDefault(durationOrZero, 100),
    /** The largest bound of a pause; a Retry-After of the answer may ask for longer. Default 2s. */
    maxDelay: orDefault(duration, 2000),
    /** How long one attempt may take, so that time is left for another. Default: all that is left of `timeout`. */
    attemptTimeout: z.optional(duration),
  })),
  z.transform(({ baseDelay, maxDelay, attemptTimeout, ...policy }) => ({
    ...policy,
    baseMs: baseDelay,
    maxMs: maxDelay,
    attemptTimeoutMs: attemptTimeout,
  })),
);

/** How many retries and hedges all calls to a backend may make together. */
export const retryBudget = strictOptions(() => ({
  /** Retries for each call. Default 0.2, one for five calls. */
  ratio: orDefault(
    z
      .number({ error: SHARE })
      .check(z.minimum(0, { error: SHARE }), z.maximum(1, { error: SHARE })),
    0.2,
  ),
  /** Retries a second beside, for backends that are called seldom. Default 1. */
  minPerSecond: orDefault(
    z
      .number({ error: FLOOR })
      .check(
        z.minimum(0, { error: FLOOR }),
        z.maximum(1e6, { error: 'at most 1e6' }),
      ),
    1,
  ),
  /** Retries that can be saved up. Default 10. */
  burst: orDefault(count, 10),
}));

const HEDGE_AFTER = 'a duration text such as "50ms", or "p50" to "p99"';

/** When a safe read that is slow is asked for a second time. */
export const hedge = strictOptions(() => ({
  /** How long to wait for the answer first: a duration, or a share of recent answers such as "p95". */
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
  /** The most requests beside the first. Default 1. */
  max: orDefault(count, 1),
}));

/** A retry policy as it is written. */
export type RetryOptions = z.input<typeof retry>;
/** A retry policy as it is used. */
export type RetryPolicy = z.output<typeof retry>;
/** When to hedge, as it is written. */
export type HedgeOptions = z.input<typeof hedge>;
/** When to hedge, as it is used. */
export type HedgePolicy = z.output<typeof hedge>;
