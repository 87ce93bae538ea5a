import * as z from 'zod/mini';
import { count, duration, flag } from './figures.js';
import { orDefault, strictOptions } from './strict-options.js';

const PERCENT = 'a whole number from 1 to 100';

const outlierOptions = strictOptions(() => ({
  /** The number of consecutive failures, as the breaker counts them, that ejects a host. Default 5. */
  consecutiveErrors: orDefault(count, 5),
  /** How long a host is ejected the first time; twice as long the second time in a row, three times the third, and so on. Default 30s. */
  baseEjectionTime: orDefault(duration, 30_000),
  /** The longest ejection. Default 5m. */
  maxEjectionTime: z.optional(duration),
  /** The percentage of hosts that may be ejected at once; one always may. Default 50. */
  maxEjectionPercent: orDefault(
    z
      .int({ error: PERCENT })
      .check(
        z.minimum(1, { error: PERCENT }),
        z.maximum(100, { error: PERCENT }),
      ),
    50,
  ),
  /** Logs each change of a host's state as a warning. Default false. */
  logStatusChange: orDefault(flag, false),
}));

const ejecting = z.pipe(
  outlierOptions.check(
    z.superRefine(({ baseEjectionTime, maxEjectionTime: input }, ctx) => {
      if (input === undefined || input >= baseEjectionTime) return;
      ctx.addIssue({
        code: 'custom',
        path: ['maxEjectionTime'],
        message: 'at least as long as baseEjectionTime',
        input,
      });
    }),
  ),
  z.transform(({ maxEjectionTime, ...outlier }) => ({
    ...outlier,
    maxEjectionTime:
      maxEjectionTime ?? Math.max(outlier.baseEjectionTime, 300_000),
  })),
);

const FORMS = `an object with ${Object.keys(outlierOptions.shape).join(', ')}, or false`;

/** When a host of a backend is ejected. */
export const outlierDetection = z.union([z.literal(false), ejecting], {
  error: FORMS,
});
