import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { FallbackPolicy } from '../../config/schema/call-options.schema.js';
import { BackendException } from '../errors.js';
import type { Next } from './call-context.js';

/**
 * Provides a substitute response when the backend fails. The breaker has already
 * counted the failure.
 */
export function fallback(
  { to, when = isOurs }: FallbackPolicy,
  next: Next,
): Next {
  return async (context) => {
    try {
      return await next(context);
    } catch (error) {
      if (!when(error)) throw error;
      const made: unknown =
        typeof to === 'function' ? await to(error, context.request) : to;
      return asAnswer(made, context.request);
    }
  };
}

/** Whether the call was not sent or got no complete response. Error responses and cancellations do not count. */
function isOurs(error: unknown): boolean {
  return error instanceof BackendException;
}

function asAnswer(made: unknown, request: AxiosRequestConfig): AxiosResponse {
  if (isAnswer(made)) return made;
  return {
    data: made,
    status: 200,
    statusText: 'Fallback',
    headers: {},
    config: request as AxiosResponse['config'],
  };
}

function isAnswer(made: unknown): made is AxiosResponse {
  if (typeof made !== 'object' || made === null) return false;
  return 'data' in made && 'status' in made && 'headers' in made;
}
