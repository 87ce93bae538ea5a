import * as z from 'zod/mini';
import { lazy } from '../values.js';
import { count, duration, flag, rate, timerDuration } from './figures.js';
import { LIMIT_FORMS, limitText } from './limit-text.js';
import { orDefault, strictOptions } from './strict-options.js';
import { aboveLimit, Patience, patienceOf, WaitingOptions } from './waiting.js';

const limitShape = lazy(() => ({
  /** Tokens added per `every`; each call takes one. */
  maxRate: rate,
  /** The largest burst. Default 1. */
  capacity: z.optional(count),
  /** The period of `maxRate`. Default 1s. */
  every: orDefault(duration, 1000),
  /** What to do with a call above the limit: `reject` it at once, or `wait` in a queue. Default reject. */
  onLimit: aboveLimit,
  /** The longest a call may wait; a call that would have to wait longer is refused at once. Only with `onLimit: 'wait'`. Default 1s. */
  maxWait: z.optional(timerDuration),
  /** The maximum number of waiting calls. Only with `onLimit: 'wait'`. Default 100. */
  maxQueue: z.optional(count),
}));

/** Converts the window to milliseconds and groups the queue options. */
function asUsed<Limit extends WaitingOptions & { every: number }>(
  { every, onLimit, maxWait, maxQueue, ...limit }: Limit,
  ctx: z.core.ParsePayload,
) {
  const patience = patienceOf({ onLimit, maxWait, maxQueue }, ctx);
  return { ...limit, everyMs: every, patience };
}

/** The short form of a limit rejects calls at once; they never wait. */
const shortForm = z.pipe(
  limitText,
  z.transform((limit) => ({
    ...limit,
    patience: undefined as Patience | undefined,
  })),
);

/** The limit of one entry's calls to a backend. */
export const backendLimit = z.union(
  [z.pipe(strictOptions(limitShape), z.transform(asUsed)), shortForm],
  { error: LIMIT_FORMS },
);

/** The limit of all calls to a backend. */
export const ownLimit = z.pipe(
  z.union(
    [
      z.pipe(
        strictOptions(() => ({
          ...limitShape(),
          /** Whether all instances share this bucket, and the buckets of the backend's entries, through the configured `store`. Default false: each instance counts its own calls. */
          shared: z.optional(flag),
        })),
        z.transform(asUsed),
      ),
      shortForm,
    ],
    { error: LIMIT_FORMS },
  ),
  z.transform((limit) => ({ shared: false, ...limit })),
);

/** A backend limit as configured. */
export type BackendLimitOptions = z.input<typeof backendLimit>;
/** A validated backend limit. */
export type BackendLimit = z.output<typeof backendLimit>;
