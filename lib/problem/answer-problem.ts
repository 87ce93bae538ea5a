import type { AbstractHttpAdapter } from '@nestjs/core';
import { PROBLEM_JSON, ProblemException } from './problem-exception.js';
import { HttpResponse, setHeader } from './response-header.js';

/**
 * Answers a request over HTTP with a problem, for which Retry-After was written before.
 *
 * @param body its document; as text, since of an object, Express on Nest 11 changes the media type to application/json
 */
export function answerProblem(
  adapter: AbstractHttpAdapter,
  response: HttpResponse,
  problem: ProblemException,
  body: string,
): unknown {
  setHeader(response, 'Content-Type', PROBLEM_JSON);
  return adapter.reply(response, body, problem.getStatus());
}
