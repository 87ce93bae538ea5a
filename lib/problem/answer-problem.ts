import type { AbstractHttpAdapter } from '@nestjs/core';
import { bareResponse } from './bare-response.js';
import { headersOf } from './fastify-reply.js';
import { PROBLEM_JSON } from './problem-exception.js';
import { HttpResponse, isFastify, setHeader } from './response-header.js';
import { sendWhole } from './send-whole.js';

/** With what frameworks add to any JSON that is sent as text. */
const MEDIA_TYPE = `${PROBLEM_JSON}; charset=utf-8`;

/** A problem as it is sent. */
export interface WrittenProblem {
  readonly status: number;
  /** Its document; as text, since of an object, Express on Nest 11 changes the media type to application/json. */
  readonly body: string;
}

/** Answers a request over HTTP with a problem, for which Retry-After was written before. */
export function answerProblem(
  adapter: AbstractHttpAdapter,
  response: HttpResponse,
  { status, body }: WrittenProblem,
): unknown {
  setHeader(response, 'content-type', MEDIA_TYPE);
  const bare = bareResponse(response);
  if (bare) {
    const headers = isFastify(response) ? headersOf(response) : {};
    return sendWhole(bare, status, headers, body);
  }
  // What its adapter does beside this is for other bodies.
  if (isFastify(response)) return response.status(status).send(body);
  return adapter.reply(response, body, status);
}
