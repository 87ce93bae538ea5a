import { PROBLEM_JSON, ProblemException } from './problem-exception.js';
import { HttpResponse, setHeader } from './response-header.js';
import { retryAfterSeconds } from './retry-after.js';

/** Sets the headers of a refusal: its media type, and when to come back if that is known. */
export function writeProblemHeaders(
  response: HttpResponse,
  problem: ProblemException,
): void {
  setHeader(response, 'Content-Type', PROBLEM_JSON);
  const seconds = retryAfterSeconds(problem.retryAfterMs);
  if (seconds !== undefined) {
    setHeader(response, 'Retry-After', String(seconds));
  }
}
