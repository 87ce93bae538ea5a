import type { AbstractHttpAdapter } from '@nestjs/core';
import { PROBLEM_JSON } from './problem-exception.js';
import { HttpResponse, isFastify, setHeader } from './response-header.js';

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
  setHeader(response, 'Content-Type', PROBLEM_JSON);
  // What its adapter does beside this is for other bodies.
  if (isFastify(response)) return response.status(status).send(body);
  return adapter.reply(response, body, status);
}
