import type { AxiosRequestConfig } from 'axios';
import type { AttemptTrace } from './call-context.js';

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
