import { PROBLEM_JSON, ProblemException } from './problem-exception.js';
import { HttpResponse, setHeader } from './response-header.js';
import { retryAfterSeconds } from './retry-after.js';

/** Tells the caller when to come back, if that is known. */
export function writeRetryAfter(
  response: HttpResponse,
  { retryAfterMs }: ProblemException,
): void {
  const seconds = retryAfterSeconds(retryAfterMs);
  if (seconds !== undefined) {
    setHeader(response, 'Retry-After', String(seconds));
  }
}

/** Sets the headers that go with a problem document. */
export function writeProblemHeaders(
  response: HttpResponse,
  problem: ProblemException,
): void {
  setHeader(response, 'Content-Type', PROBLEM_JSON);
  writeRetryAfter(response, problem);
}
