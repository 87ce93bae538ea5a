import { OutgoingRequest } from './outgoing-request.js';

interface RedirectContext {
  history?: readonly URL[];
}

/** Where an answer came from: the last URL that the redirects led to, else the one that was asked. */
export function responseUrl(
  request: OutgoingRequest,
  context: unknown,
): string {
  const { history } = (context ?? {}) as RedirectContext;
  return history?.at(-1)?.href ?? request.res.responseUrl;
}
