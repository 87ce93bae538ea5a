import type { AxiosRequestConfig } from 'axios';
import * as z from 'zod/mini';
import { functionOf, flag } from './figures.js';
import { strictOptions } from './strict-options.js';
import { hedgeOptions, retryOptions } from './retry.schema.js';

/** Returns the fallback response: its data, or a whole AxiosResponse. If it throws, the call rejects with that error. */
export type FallbackFunction = (
  error: unknown,
  request: AxiosRequestConfig,
) => unknown;

/** Returns whether to use the fallback for an error. */
export type FallbackCondition = (error: unknown) => boolean;

/** Response data of a fallback. */
export type FallbackData = object | string | number | boolean | null;

/** What to return when the backend fails. */
export const fallbackOptions = strictOptions(() => ({
  /** The response data, or a function of the error and the request that returns it. */
  to: z.custom<FallbackFunction | FallbackData>(),
  /** Returns whether to fall back for an error. Default: for this library's own errors, that is for calls that were not sent or got no complete response. */
  when: z.optional(functionOf<FallbackCondition>()),
}));

/** A fallback as configured. */
export type FallbackOptions = z.input<typeof fallbackOptions>;
/** A validated fallback. */
export type FallbackPolicy = z.output<typeof fallbackOptions>;

const PRIORITY = 'a whole number';
const never = z.literal(false);

/** Options that an entry can set for its calls. Those left out keep the backend's value. */
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

/** Call options as configured. */
export type CallOptions = z.input<typeof callOptions>;
