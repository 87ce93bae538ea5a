import type {
  Problem,
  RefusalBody,
  RefusalBodyFunction,
} from '../../http/problem.js';
import { PROBLEM_JSON } from '../../http/problem-exception.js';
import { isFastify, setHeader } from '../transport/transports.js';
import { HttpResponse } from '../transport/transport.js';
import { Rejection } from './rejection.js';

interface FastifyReply {
  code(status: number): { send(body: unknown): unknown };
}

interface ExpressResponse {
  status(code: number): {
    send(body: string): unknown;
    json(body: unknown): unknown;
  };
}

/** An HTTP request, and the response to it. */
interface Exchange {
  readonly request: unknown;
  readonly response: HttpResponse;
}

/** The application's own refusal body, otherwise the problem document. */
export function answerOf(
  problem: Problem,
  request: unknown,
  refusalBody: RefusalBodyFunction | undefined,
): Required<RefusalBody> {
  const own = refusalBody?.(problem, request);
  return own
    ? { mediaType: 'application/json', ...own }
    : { body: problem, mediaType: PROBLEM_JSON };
}

/**
 * Answers a refused request with the framework's own reply, so that its hooks,
 * CORS, compression, loggers and tracers see it like any other response. The
 * quota fields and Retry-After are already on the response.
 */
export function reply(
  { kind: { status, problem } }: Rejection,
  { request, response }: Exchange,
  refusalBody: RefusalBodyFunction | undefined,
): void {
  const { body, mediaType } = answerOf(problem, request, refusalBody);
  setHeader(response, 'content-type', mediaType);
  if (isFastify(response)) {
    (response as HttpResponse & FastifyReply).code(status).send(body);
    return;
  }
  const express = (response as HttpResponse & ExpressResponse).status(status);
  if (typeof body === 'string') express.send(body);
  else express.json(body);
}
