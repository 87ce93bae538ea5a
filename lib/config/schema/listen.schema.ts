import * as z from 'zod/mini';
import { duration, flag } from './figures.js';
import { orDefault, strictOptions } from './strict-options.js';

const signals = z.pipe(
  strictOptions(() => ({
    /** Whether `Retry-After` on a 429 or 503 pauses all calls to the backend. Default true. */
    retryAfter: orDefault(flag, true),
    /** Whether `RateLimit`, `RateLimit-Remaining` and `X-RateLimit-Remaining` limit the calls until the reset that they announce. Default true. */
    quota: orDefault(flag, true),
    /** The longest that a signal is obeyed, whatever the backend asks for. Default 60s. */
    maxPause: orDefault(duration, 60_000),
  })),
  z.transform(({ maxPause, ...heard }) => ({ ...heard, maxPauseMs: maxPause })),
);

/** Which rate-limit signals of a backend to obey. */
export const listen = z.pipe(
  z.union([flag, signals], {
    error: 'true, false, or an object with retryAfter, quota, maxPause',
  }),
  z.transform((chosen) => {
    if (typeof chosen !== 'boolean') return chosen;
    return chosen ? signals.parse({}) : undefined;
  }),
);

/** The validated signal options. */
export type ListenConfig = NonNullable<z.output<typeof listen>>;
