import { HttpException } from '@nestjs/common';
import { Problem } from './problem.js';
import { ProblemExtensions, problemExtensions } from './problem-extensions.js';
import { RefusalBody } from './refusal-body.js';
import { ProblemKind } from './problem-kind.js';

/** Media type of a problem document. */
export const PROBLEM_JSON = 'application/problem+json';

/** An HttpException whose body is a problem document; the parent of every exception of this library. */
export abstract class ProblemException extends HttpException {
  /** The application's own answer in place of the problem document, where it has one. */
  answer?: RefusalBody;

  /**
   * @param kind what kind of problem it is
   * @param detail what happened this time, fit for strangers; the message too
   * @param retryAfterMs when a retry could pass; `undefined` when that is not known or never
   * @param policies names of the policies that refused
   * @param cause the error behind it, which is never shown to the caller
   */
  protected constructor(
    private readonly kind: ProblemKind,
    detail: string,
    readonly retryAfterMs?: number,
    private readonly policies?: readonly string[],
    cause?: unknown,
  ) {
    super(detail, kind.status, { cause });
  }

  /** The problem document; made when it is asked for, since many a refusal is handled without. */
  get problem(): Problem {
    const { type, title, status } = this.kind;
    const problem = { type, title, status, detail: this.message };
    return this.policies
      ? { ...problem, 'violated-policies': this.policies }
      : problem;
  }

  /** What GraphQL puts beside the message: of any error that a resolver throws, it shows the extensions. */
  get extensions(): ProblemExtensions {
    return problemExtensions(this);
  }

  /** The body of the answer: the problem document, or the application's own. */
  override getResponse(): string | object {
    return this.answer ? (this.answer.body as string | object) : this.problem;
  }
}
