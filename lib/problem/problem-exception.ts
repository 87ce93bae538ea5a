import { inspect } from 'node:util';
import { HttpException } from '@nestjs/common';
import { Problem } from './problem.js';
import { ProblemExtensions, problemExtensions } from './problem-extensions.js';
import { RefusalBody } from './refusal-body.js';
import { ProblemKind } from './problem-kind.js';

/** Media type of a problem document. */
export const PROBLEM_JSON = 'application/problem+json';

/**
 * An HttpException whose body is a problem document; the parent of every
 * exception of this library. It is written as that document wherever it is
 * serialised: its `cause` may hold headers, cookies, URLs and keys, and is for
 * code alone.
 */
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
    super(detail, kind.status);
    if (cause === undefined) return;
    // An accessor, which structuredClone leaves out; and not enumerable, for those who copy fields.
    const get = () => cause;
    const descriptor = { get, configurable: true, enumerable: false };
    Object.defineProperty(this, 'cause', descriptor);
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

  /** The problem document. */
  toJSON(): Problem {
    return this.problem;
  }

  /** Where it was thrown, and the problem document; without its cause. */
  [inspect.custom](): string {
    const where = this.stack ?? `${this.name}: ${this.message}`;
    return `${where} ${inspect(this.problem, { depth: 2 })}`;
  }

  /** The body of the answer: the problem document, or the application's own. */
  override getResponse(): string | object {
    return this.answer ? (this.answer.body as string | object) : this.problem;
  }
}
