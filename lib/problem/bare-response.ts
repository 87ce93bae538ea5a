import { ServerResponse } from 'node:http';
import { isHeard } from './fastify-reply.js';
import { HttpResponse, isFastify } from './response-header.js';

/**
 * Node's own response beneath that of a framework, where nothing of the
 * application would notice that the framework did not send the answer: no hook
 * of Fastify, nobody who put a `send` of their own on the response.
 */
export function bareResponse(
  response: HttpResponse,
): ServerResponse | undefined {
  if (Object.hasOwn(response, 'send')) return undefined;
  if (!isFastify(response)) return http1(response);
  return isHeard(response) ? undefined : http1(response.raw);
}

/** HTTP/2 has a response of another kind. */
function http1(response: unknown): ServerResponse | undefined {
  return response instanceof ServerResponse ? response : undefined;
}
