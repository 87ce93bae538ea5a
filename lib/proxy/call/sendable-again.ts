import type { AxiosRequestConfig } from 'axios';

/** Whether a request is one of `methods`, and its body is still there after it was sent. */
export function isSendableAgain(
  { method = 'get', data }: AxiosRequestConfig<unknown>,
  methods: ReadonlySet<string>,
): boolean {
  return methods.has(method.toUpperCase()) && !isReadOnce(data);
}

/** Streams of Node and of the web, and forms made of them, are gone once they are read. */
function isReadOnce(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return 'pipe' in body || 'getReader' in body;
}
