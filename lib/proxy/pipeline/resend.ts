import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import type { AttemptTrace, CallContext, Next } from './call-context.js';

/** Sent twice they do what they do once (RFC 9110, section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'TRACE',
]);

/**
 * Sends a call again, once, that went down a kept connection just as the
 * backend closed it. That is no retry: it needs no policy, waits for nothing
 * and draws on no budget. It is an attempt like any other all the same, which
 * pays its tokens, since the backend may have seen the first.
 */
export function resend(next: Next): Next {
  return (context) => {
    const trace = context.trace ?? {};
    const traced = context.trace
      ? context
      : Object.assign({}, context, { trace });
    return next(traced).catch((error: unknown) => {
      if (trace.fault !== 'stale') throw error;
      if (!isReplayable(context.request, trace, IDEMPOTENT)) throw error;
      return again(traced, trace, error, next);
    });
  };
}

async function again(
  context: CallContext,
  trace: AttemptTrace,
  error: unknown,
  next: Next,
): Promise<AxiosResponse> {
  const first = { ...trace };
  try {
    return await next(context);
  } catch (failure) {
    if (!trace.rejection) throw failure;
    // The backend has seen the first, so that is what happened to the call.
    Object.assign(trace, first);
    throw error;
  }
}

/**
 * Whether a request may be sent once more: it is one of `methods`, and its body
 * is still there. Both are read from what reached the wire, since interceptors
 * may change either.
 */
export function isReplayable(
  { data }: AxiosRequestConfig<unknown>,
  { sent }: AttemptTrace,
  methods: ReadonlySet<string>,
): boolean {
  if (!sent) return false;
  const { method = 'get' } = sent;
  return (
    methods.has(method.toUpperCase()) &&
    !isReadOnce(data) &&
    !isReadOnce(sent.data)
  );
}

/** Streams of Node and of the web, and forms made of them, are gone once they are read; so are iterators. */
function isReadOnce(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return 'pipe' in body || 'getReader' in body || 'next' in body;
}
