import { Problem } from './problem.js';

/** What a caller learns of a problem on a transport without headers. */
export interface ProblemMessage extends Problem {
  /** The detail, where clients of Nest look for it. */
  readonly message: string;
  /** Milliseconds after which a retry could pass, rounded up; absent when that is not known or never. */
  readonly retryAfterMs?: number;
}

/** A problem as its exception has it. */
export interface Told {
  readonly problem: Problem;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** The problem document as a message, with what Retry-After would say. */
export function problemMessage(told: Told): ProblemMessage {
  const { problem, message, retryAfterMs = Infinity } = told;
  return retryAfterMs === Infinity
    ? { message, ...problem }
    : { message, ...problem, retryAfterMs: Math.ceil(retryAfterMs) };
}
