import { HttpStatus } from '@nestjs/common';
import { Problem } from './problem.js';
import { problemMessage, Told } from './problem-message.js';
import { retryAfterSeconds } from './retry-after.js';

/** What GraphQL shows of a problem beside its message. */
export interface ProblemExtensions extends Problem {
  /** The name of the status, as `HttpStatus` has it, such as `TOO_MANY_REQUESTS`. */
  readonly code: string;
  readonly retryAfterMs?: number;
  /** For servers such as Apollo's, which take it out and answer with it. */
  readonly http: {
    readonly status: number;
    readonly headers: ReadonlyMap<string, string>;
  };
}

/** The extensions of a GraphQL error. */
export function problemExtensions(told: Told): ProblemExtensions {
  const { message: _, ...document } = problemMessage(told);
  const { status } = document;
  const seconds = retryAfterSeconds(told.retryAfterMs);
  const headers = new Map<string, string>();
  if (seconds !== undefined) headers.set('retry-after', String(seconds));
  return { code: HttpStatus[status], ...document, http: { status, headers } };
}
