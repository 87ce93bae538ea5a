import * as z from 'zod/mini';
import { LONGEST_TIMER_MS } from '../../core/time/deadline.js';
import {
  DurationSyntaxError,
  parseDurationMs,
} from '../../core/time/duration.js';

const DURATIONS =
  'a duration text such as "250ms", "1s", "1m30s" (units ns, us, µs, ms, s, m, h)';

function durationFrom(
  smallestMs: number,
  allowed: string,
  largestMs = Infinity,
) {
  const text = z.pipe(
    z.string({ error: allowed }),
    z.transform((text, ctx) => {
      const ms = durationMsOf(text);
      if (typeof ms === 'number' && ms > smallestMs && ms <= largestMs)
        return ms;
      ctx.issues.push({
        code: 'custom',
        message: typeof ms === 'string' ? `${allowed}; ${ms}` : allowed,
        input: text,
      });
      return z.NEVER;
    }),
  );
  return text;
}

function durationMsOf(text: string): number | string {
  try {
    return parseDurationMs(text);
  } catch (error) {
    if (error instanceof DurationSyntaxError) return error.message;
    throw error;
  }
}

/** A duration above zero, in milliseconds. */
export const duration = durationFrom(0, `${DURATIONS}, above 0`);

/** A duration in milliseconds, or "0s" for none. */
export const durationOrZero = durationFrom(-Number.MIN_VALUE, DURATIONS);

/** A duration above zero that fits a timer, in milliseconds. */
export const timerDuration = durationFrom(
  0,
  `${DURATIONS}, above 0 and at most 596h`,
  LONGEST_TIMER_MS,
);

const ABOVE_ZERO = 'a number above 0 (from 1e-12 to 1e15)';

/** A rate above zero; fractions are allowed. The bounds keep everything derived from it finite. */
export const rate = z
  .number({ error: ABOVE_ZERO })
  .check(
    z.minimum(1e-12, { error: ABOVE_ZERO }),
    z.maximum(1e15, { error: ABOVE_ZERO }),
  );

const WHOLE = 'a whole number from 1';

/** A positive integer. */
export const count = z
  .int({ error: WHOLE })
  .check(z.minimum(1, { error: WHOLE }));

const SHARE = 'a number above 0 and at most 1, such as 0.5 for half';

/** A ratio above 0 and at most 1. */
export const share = z
  .number({ error: SHARE })
  .check(z.gt(0, { error: SHARE }), z.maximum(1, { error: SHARE }));

const SHARE_OR_ZERO = 'a number from 0 to 1, such as 0.5 for half';

/** A ratio from 0 to 1. */
export const shareOrZero = z
  .number({ error: SHARE_OR_ZERO })
  .check(
    z.minimum(0, { error: SHARE_OR_ZERO }),
    z.maximum(1, { error: SHARE_OR_ZERO }),
  );

const FACTOR = 'a number from 1 to 100';

/** A growth factor; 1 means no growth. */
export const factor = z
  .number({ error: FACTOR })
  .check(z.minimum(1, { error: FACTOR }), z.maximum(100, { error: FACTOR }));

const YES_NO = 'true or false';

/** A boolean. */
export const flag = z.boolean({ error: YES_NO });

const NAME = 'a name of 1 to 64 letters, digits, and . _ : -';

/** A name that is safe in a header, a key and a log line without escaping. */
export const name = z
  .string({ error: NAME })
  .check(z.regex(/^[\w.:-]{1,64}$/, { error: NAME }));

const FIELD = 'the name of a header field';

/** A header name, in lower case as in Node. */
export const fieldName = z.pipe(
  z
    .string({ error: FIELD })
    .check(z.regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, { error: FIELD })),
  z.transform((text) => text.toLowerCase()),
);

/** A function. Only TypeScript checks its parameters. */
export function functionOf<F extends (...args: never[]) => unknown>() {
  return z.custom<F>((value) => typeof value === 'function', {
    error: 'a function',
  });
}
