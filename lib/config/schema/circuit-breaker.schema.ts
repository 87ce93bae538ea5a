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

/** Tells whether an answer or an error is a failure of the backend. */
export type FailureFunction = (
  answer: AxiosResponse | undefined,
  error: AxiosError | undefined,
) => boolean;

const breakerOptions = strictOptions(() => ({
  /** Failures in a row that open the breaker. Default: any number; one of this, `failureRate` and `slowCallRate` is required. */
  maxErrors: z.optional(count),
  /** Failures older than this no longer count for `maxErrors`; "0s" keeps them for ever. Default 0s. */
  interval: z.optional(durationOrZero),
  /** The share of failures among the calls of the sliding window that opens the breaker, such as 0.5. Default: none does. */
  failureRate: z.optional(share),
  /** The share of slow calls among them that opens it. Default: none does. */
  slowCallRate: z.optional(share),
  /** A call that takes longer is slow: to the last byte of its answer, or to its headers where the body is read as a stream. Required with `slowCallRate`. */
  slowCallDuration: z.optional(duration),
  /** Calls that must be in the window before a share of them opens the breaker. Default 10. */
  minimumCalls: z.optional(count),
  /** How far back the window of `failureRate` and `slowCallRate` reaches. Default 10s. */
  slidingWindow: z.optional(duration),
  /** How long it stays open. Default 60s. */
  timeout: orDefault(duration, 60_000),
  /** Each time it opens again without having closed, it stays open so many times as long. Default 1: always as long. */
  timeoutGrowth: orDefault(factor, 1),
  /** The longest that `timeoutGrowth` makes it. Default 10m. */
  maxTimeout: z.optional(duration),
  /** The share of the open time that is added to it at random, so that instances do not probe together. Default 0. */
  timeoutJitter: orDefault(shareOrZero, 0),
  /** Its name in logs. Default: the backend's. */
  name: z.optional(name),
  /** Logs each change of state as a warning. Default false. */
  logStatusChange: orDefault(flag, false),
  /** How it finds out whether the backend has recovered. Default: as below. */
  halfOpen: withDefaults(
    strictOptions(() => ({
      /** Probes let through, and successes in a row that close it. Default 1. */
      permits: orDefault(count, 1),
      /** Half-open without a verdict for this long opens again. Default 60s. */
      maxDuration: orDefault(duration, 60_000),
    })),
  ),
  /** Probes before it trusts the backend further when the breakers of a quorum of instances have opened; `{}` for its defaults. Needs a `store`. Default: each instance by itself. */
  hints: z.optional(
    strictOptions(() => ({
      /** The share of the instances alive whose breakers must be open, and never fewer than two. Default 0.5. */
      quorum: orDefault(share, 0.5),
    })),
  ),
  /** Which answers and errors are failures. Default: transport errors, timeouts and 5xx. */
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

/** A breaker as it is written, each option by itself in order. */
type Written = z.output<typeof breakerOptions>;

interface Misfit {
  readonly key: keyof Written;
  readonly message: string;
}

/** Options that lack another one, or would do nothing: whoever wrote them expected something. */
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

/** A breaker as it is used; durations in milliseconds. */
export type BreakerConfig = z.output<typeof circuitBreaker>;
