import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import type { AttemptTrace, CallContext, Next } from './call-context.js';

/** Idempotent methods (RFC 9110, section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'TRACE',
]);

/**
 * Resends a request once if the backend closed the reused connection just as
 * the request was sent. Unlike a retry, it needs no policy, delay or retry
 * budget. It still takes tokens like any attempt, since the backend may have
 * seen the first one.
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
    // Only the first attempt was sent, so its error is the one to report.
    Object.assign(trace, first);
    throw error;
  }
}

/**
 * Whether a request can be sent again: its method is one of `methods` and its
 * body can be read again. Both are checked on the request as sent, since
 * interceptors may change them.
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

/** Whether a body can be read only once: Node and web streams, forms built on them, and iterators. */
function isReadOnce(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return 'pipe' in body || 'getReader' in body || 'next' in body;
}
