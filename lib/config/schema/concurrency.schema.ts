import * as z from 'zod/mini';
import { count, timerDuration } from './figures.js';
import { strictOptions } from './strict-options.js';
import { aboveLimit, patienceOf } from './waiting.js';

/** The initial value of an adaptive limit, capped by its upper bound. */
const FIRST_LIMIT = 20;

/** How many calls to a backend may be in flight at once. */
export const concurrency = z.pipe(
  strictOptions(() => ({
    /** The maximum number of calls in flight, each until its last byte; with `adaptive`, the upper bound of the limit. */
    maxConcurrent: count,
    /** Adapts the limit to measured latency (TCP Vegas, as in Netflix's concurrency-limits). Default: the limit is fixed at `maxConcurrent`. */
    adaptive: z.optional(z.literal('vegas', { error: '"vegas"' })),
    /** The lower bound of an adaptive limit. Default 1. */
    minConcurrent: z.optional(count),
    /** The initial value of an adaptive limit. Default 20, within the two bounds. */
    initialConcurrent: z.optional(count),
    /** What to do with a call above the limit: `reject` it at once, or `wait` in a queue for a slot. Default reject. */
    onLimit: aboveLimit,
    /** The longest a call may wait. Only with `onLimit: 'wait'`. Default 1s. */
    maxWait: z.optional(timerDuration),
    /** The maximum number of waiting calls. Only with `onLimit: 'wait'`. Default 100. */
    maxQueue: z.optional(count),
  })),
  z.transform((options, ctx) => ({
    maxConcurrent: options.maxConcurrent,
    adaptive: adaptiveOf(options, ctx),
    patience: patienceOf(options, ctx),
  })),
);

interface AdaptiveOptions {
  readonly maxConcurrent: number;
  readonly adaptive?: 'vegas' | undefined;
  readonly minConcurrent?: number | undefined;
  readonly initialConcurrent?: number | undefined;
}

/** The bounds of an adaptive limit; `undefined` for a fixed one. */
function adaptiveOf(options: AdaptiveOptions, ctx: z.core.ParsePayload) {
  const { maxConcurrent: max, adaptive } = options;
  const { minConcurrent: min = 1, initialConcurrent } = options;
  for (const key of ['minConcurrent', 'initialConcurrent'] as const) {
    const figure = options[key];
    if (figure === undefined) continue;
    const fault = adaptive
      ? figure > max && `at most maxConcurrent, ${max}`
      : 'only with adaptive';
    if (!fault) continue;
    ctx.issues.push({
      code: 'custom',
      path: [key],
      message: fault,
      input: figure,
    });
  }
  const first = initialConcurrent ?? Math.min(max, FIRST_LIMIT);
  return adaptive && { initial: Math.max(min, first), min, max };
}

/** A validated concurrency limit. */
export type ConcurrencyConfig = z.output<typeof concurrency>;
