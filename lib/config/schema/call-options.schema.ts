import type { AxiosRequestConfig } from 'axios';
import * as z from 'zod/mini';
import { functionOf, flag } from './figures.js';
import { strictOptions } from './strict-options.js';
import { hedgeOptions, retryOptions } from './retry.schema.js';

/** Makes an answer in place of the backend's: its data, or a whole AxiosResponse. What it throws is what the call rejects with. */
export type FallbackFunction = (
  error: unknown,
  request: AxiosRequestConfig,
) => unknown;

/** Tells whether an error is to be answered by the fallback. */
export type FallbackCondition = (error: unknown) => boolean;

/** Data that stands for an answer's. */
export type FallbackData = object | string | number | boolean | null;

/** What is answered where the backend does not. */
export const fallbackOptions = strictOptions(() => ({
  /** The response data, or a function of the error and the request that returns it. */
  to: z.custom<FallbackFunction | FallbackData>(),
  /** Returns whether to fall back for an error. Default: for this library's own errors, that is for calls that were not sent or got no complete response. */
  when: z.optional(functionOf<FallbackCondition>()),
}));

/** A fallback as it is written. */
export type FallbackOptions = z.input<typeof fallbackOptions>;
/** A fallback as it is used. */
export type FallbackPolicy = z.output<typeof fallbackOptions>;

const PRIORITY = 'a whole number';
const never = z.literal(false);

/** What may be said of a backend's calls at the place that makes them; what is left out stays as the backend has it. */
export const callOptions = strictOptions(() => ({
  /** When these calls are retried; false for never. */
  retry: z.optional(z.union([never, retryOptions])),
  /** When these calls are hedged; false for never. */
  hedge: z.optional(z.union([never, hedgeOptions])),
  /** What to return when the backend fails; false to throw its error. */
  fallback: z.optional(z.union([never, fallbackOptions])),
  /** Whether these calls and their redirects may leave the backend's hosts. */
  allowOtherOrigins: z.optional(flag),
  /** Priority in the queue; calls with a higher one go first. Default 0. */
  priority: z.optional(z.int({ error: PRIORITY })),
}));

/** Options of calls as they are written. */
export type CallOptions = z.input<typeof callOptions>;
