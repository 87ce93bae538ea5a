import type { AxiosError, AxiosResponse } from 'axios';
import * as z from 'zod/mini';
import {
  count,
  duration,
  durationOrZero,
  factor,
  flag,
  functionOf,
  name,
  share,
  shareOrZero,
} from './figures.js';
import { orDefault, strictOptions, withDefaults } from './strict-options.js';

/** Returns whether a response or an error counts as a failure of the backend. */
export type FailureFunction = (
  answer: AxiosResponse | undefined,
  error: AxiosError | undefined,
) => boolean;

const breakerOptions = strictOptions(() => ({
  /** The number of consecutive failures that opens the breaker. No default; one of `maxErrors`, `failureRate` and `slowCallRate` is required. */
  maxErrors: z.optional(count),
  /** How long failures count towards `maxErrors`; "0s" means they never expire. Default 0s. */
  interval: z.optional(durationOrZero),
  /** The failure rate in the sliding window that opens the breaker, such as 0.5. Default: not used. */
  failureRate: z.optional(share),
  /** The rate of slow calls in the sliding window that opens the breaker. Default: not used. */
  slowCallRate: z.optional(share),
  /** A call that takes longer is slow, measured to the last byte of the response, or to its headers where the body is streamed. Required with `slowCallRate`. */
  slowCallDuration: z.optional(duration),
  /** The number of calls in the sliding window before a rate can open the breaker. Default 10. */
  minimumCalls: z.optional(count),
  /** The length of the sliding window of `failureRate` and `slowCallRate`. Default 10s. */
  slidingWindow: z.optional(duration),
  /** How long the breaker stays open. Default 60s. */
  timeout: orDefault(duration, 60_000),
  /** The factor by which the open time grows each time the breaker opens again without having closed. Default 1: no growth. */
  timeoutGrowth: orDefault(factor, 1),
  /** The longest open time that `timeoutGrowth` can reach. Default 10m. */
  maxTimeout: z.optional(duration),
  /** Random jitter, as a share of the open time, so that instances do not probe at the same moment. Default 0. */
  timeoutJitter: orDefault(shareOrZero, 0),
  /** Its name in logs. Default: the backend's. */
  name: z.optional(name),
  /** Logs each change of state as a warning. Default false. */
  logStatusChange: orDefault(flag, false),
  /** How the breaker probes whether the backend has recovered. Default: as below. */
  halfOpen: withDefaults(
    strictOptions(() => ({
      /** The number of probes let through, and of successes that close the breaker. Default 1. */
      permits: orDefault(count, 1),
      /** How long the breaker may stay half-open without a result before it opens again. Default 60s. */
      maxDuration: orDefault(duration, 60_000),
    })),
  ),
  /** Turns a closed breaker half-open when the breakers of a quorum of instances have opened; `{}` for the defaults. Needs a `store`. Default: each instance decides alone. */
  hints: z.optional(
    strictOptions(() => ({
      /** The share of live instances whose breakers must be open; at least two. Default 0.5. */
      quorum: orDefault(share, 0.5),
    })),
  ),
  /** Returns whether a response or an error is a failure. Default: transport errors, timeouts and 5xx. */
  isFailure: z.optional(functionOf<FailureFunction>()),
}));

/** When a breaker opens and closes. */
export const circuitBreaker = z.pipe(
  breakerOptions.check(
    z.superRefine((breaker, ctx) => {
      for (const { key, message } of misfits(breaker)) {
        const input = breaker[key];
        ctx.addIssue({ code: 'custom', path: [key], message, input });
      }
    }),
  ),
  z.transform(({ maxTimeout, ...breaker }) => ({
    ...breaker,
    interval: breaker.interval ?? 0,
    minimumCalls: breaker.minimumCalls ?? 10,
    slidingWindow: breaker.slidingWindow ?? 10_000,
    maxTimeout: maxTimeout ?? Math.max(breaker.timeout, 600_000),
  })),
);

/** The breaker options, each validated on its own, in the order they are written. */
type Written = z.output<typeof breakerOptions>;

interface Misfit {
  readonly key: keyof Written;
  readonly message: string;
}

/** Options that need another one, or have no effect without it. */
function* misfits(breaker: Written): Generator<Misfit> {
  const { maxErrors, failureRate, slowCallRate, slowCallDuration } = breaker;
  const { timeout, timeoutGrowth, maxTimeout } = breaker;
  const hasRate = failureRate !== undefined || slowCallRate !== undefined;
  if (maxErrors === undefined && !hasRate) {
    const message =
      'a whole number from 1, where no failureRate or slowCallRate opens the breaker';
    yield { key: 'maxErrors', message };
  }
  if (slowCallRate !== undefined && slowCallDuration === undefined) {
    const message = 'a duration text such as "500ms", with slowCallRate';
    yield { key: 'slowCallDuration', message };
  }
  if (slowCallDuration !== undefined && slowCallRate === undefined) {
    yield { key: 'slowCallDuration', message: 'only with slowCallRate' };
  }
  if (breaker.interval !== undefined && maxErrors === undefined) {
    yield { key: 'interval', message: 'only with maxErrors' };
  }
  for (const key of ['minimumCalls', 'slidingWindow'] as const) {
    if (breaker[key] === undefined || hasRate) continue;
    yield { key, message: 'only with failureRate or slowCallRate' };
  }
  if (maxTimeout === undefined) return;
  if (timeoutGrowth === 1) {
    yield { key: 'maxTimeout', message: 'only with timeoutGrowth above 1' };
  } else if (maxTimeout < timeout) {
    yield { key: 'maxTimeout', message: 'at least as long as timeout' };
  }
}

/** A validated breaker; durations in milliseconds. */
export type BreakerConfig = z.output<typeof circuitBreaker>;
