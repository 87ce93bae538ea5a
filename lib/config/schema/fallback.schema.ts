import type { AxiosRequestConfig } from 'axios';
import * as z from 'zod/mini';
import { functionOf } from './figures.js';
import { strictOptions } from './strict-options.js';

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
