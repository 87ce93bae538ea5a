import { ProblemException } from './problem-exception.js';
import { HttpResponse, setHeader } from './response-header.js';
import { retryAfterSeconds } from './retry-after.js';

/** Tells the caller when to come back, if that is known. */
export function writeRetryAfter(
  response: HttpResponse,
  { retryAfterMs }: Pick<ProblemException, 'retryAfterMs'>,
): void {
  const seconds = retryAfterSeconds(retryAfterMs);
  if (seconds !== undefined) {
    setHeader(response, 'retry-after', String(seconds));
  }
}
