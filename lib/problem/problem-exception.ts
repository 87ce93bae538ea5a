import { HttpException } from '@nestjs/common';

/** What a problem document of RFC 9457 says. */
export interface Problem {
  /** A URI that names the kind of problem. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened this time, fit for strangers. */
  readonly detail: string;
  /** Names of the policies that refused (IANA's registry of problem types). */
  readonly 'violated-policies'?: readonly string[];
}

/** Media type of a problem document. */
export const PROBLEM_JSON = 'application/problem+json';

/** The kinds of problem that this library reports; the first two are IANA's. */
export const problemTypes = {
  quotaExceeded: {
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
  },
  reducedCapacity: {
    type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
    title:
      'Request cannot be satisfied due to temporary server capacity constraints',
  },
  badGateway: { type: 'about:blank', title: 'Bad Gateway' },
  gatewayTimeout: { type: 'about:blank', title: 'Gateway Timeout' },
} as const;

/** An HttpException whose body is a problem document; the parent of every exception of this library. */
export abstract class ProblemException extends HttpException {
  /**
   * @param problem the body
   * @param retryAfterMs when a retry could pass; `undefined` when that is not known or never
   * @param cause the error behind it, which is never shown to the caller
   */
  protected constructor(
    readonly problem: Problem,
    readonly retryAfterMs?: number,
    cause?: unknown,
  ) {
    // A text: of an object Nest makes a message out of the class's name, at some cost.
    super(problem.detail, problem.status, { cause });
  }

  /** The problem document. */
  override getResponse(): Problem {
    return this.problem;
  }
}
