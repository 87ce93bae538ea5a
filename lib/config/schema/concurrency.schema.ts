import * as z from 'zod/mini';
import { count, timerDuration } from './figures.js';
import { strictOptions } from './strict-options.js';
import { aboveLimit, patienceOf } from './waiting.js';

/** Where an adaptive limit begins, unless that is above its bound. */
const FIRST_LIMIT = 20;

/** How many calls to a backend may be underway at once. */
export const concurrency = z.pipe(
  strictOptions(() => ({
    /** Calls underway at once, each until its last byte; the most there may ever be with `adaptive`. */
    maxConcurrent: count,
    /** Finds the limit by itself, from how long calls take (TCP Vegas, as in Netflix's concurrency-limits). Default: the limit is `maxConcurrent`. */
    adaptive: z.optional(z.literal('vegas', { error: '"vegas"' })),
    /** The least that an adaptive limit falls to. Default 1. */
    minConcurrent: z.optional(count),
    /** Where an adaptive limit begins. Default 20, within the other two. */
    initialConcurrent: z.optional(count),
    /** What becomes of a call above the limit: refused at once, or put in line until a place is free. Default reject. */
    onLimit: aboveLimit,
    /** How long a call waits at most. Only with `onLimit: 'wait'`. Default 1s. */
    maxWait: z.optional(timerDuration),
    /** How many calls wait at most. Only with `onLimit: 'wait'`. Default 100. */
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

/** The bounds of an adaptive limit; nothing where it is fixed. */
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

/** A concurrency limit as it is used. */
export type ConcurrencyConfig = z.output<typeof concurrency>;
