import type { AxiosRequestConfig } from 'axios';
import * as z from 'zod/mini';
import { functionOf, flag } from './figures.js';
import { strictOptions } from './strict-options.js';
import { hedge, retry } from './retry.schema.js';

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
export const fallback = strictOptions(() => ({
  /** The data to answer with, or a function of the error and the request that makes it. */
  to: z.custom<FallbackFunction | FallbackData>(),
  /** For which errors. Default: this library's own, for calls that brought no complete answer or were not sent. */
  when: z.optional(functionOf<FallbackCondition>()),
}));

/** A fallback as it is written. */
export type FallbackOptions = z.input<typeof fallback>;
/** A fallback as it is used. */
export type FallbackPolicy = z.output<typeof fallback>;

const PRIORITY = 'a whole number';
const never = z.literal(false);

/** What may be said of a backend's calls at the place that makes them; what is left out stays as the backend has it. */
export const callOptions = strictOptions(() => ({
  /** When these calls are tried again, or false for never. */
  retry: z.optional(z.union([never, retry])),
  /** When these calls are hedged, or false for never. */
  hedge: z.optional(z.union([never, hedge])),
  /** What is answered where the backend does not, or false for its error. */
  fallback: z.optional(z.union([never, fallback])),
  /** Whether these calls and their redirects may leave the backend's hosts. */
  allowOtherOrigins: z.optional(flag),
  /** Of those who wait for the backend, higher ones go first. Default 0. */
  priority: z.optional(z.int({ error: PRIORITY })),
}));

/** Options of calls as they are written. */
export type CallOptions = z.input<typeof callOptions>;
