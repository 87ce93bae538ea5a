import { inspect } from 'node:util';
import { HttpException, HttpStatus } from '@nestjs/common';
import {
  Problem,
  ProblemKind,
  problemMessage,
  Told,
  RefusalBody,
} from './problem.js';
import { seeDocs } from '../core/docs-address.js';

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

  /** Where it was thrown, the problem document, and where the documentation says more; without its cause. */
  [inspect.custom](): string {
    const where = this.stack ?? `${this.name}: ${this.message}`;
    const document = inspect(this.problem, { depth: 2 });
    return `${where} ${document}\n${seeDocs('errors', this.name)}`;
  }

  /** The body of the answer: the problem document, or the application's own. */
  override getResponse(): string | object {
    return this.answer ? (this.answer.body as string | object) : this.problem;
  }
}

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
function problemExtensions(told: Told): ProblemExtensions {
  const { message: _, ...document } = problemMessage(told);
  const { status } = document;
  const seconds = retryAfterSeconds(told.retryAfterMs);
  const headers = new Map<string, string>();
  if (seconds !== undefined) headers.set('retry-after', String(seconds));
  return { code: HttpStatus[status], ...document, http: { status, headers } };
}

/**
 * Makes an error without a stack. A refusal is an answer, not a mistake in the
 * program: where it was made says nothing, and looking costs more than all else
 * a refusal does, just when there are many of them.
 */
export function withoutStack<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  // Not by assignment, which throws where intrinsics are frozen.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** The Retry-After of RFC 9110 in whole seconds: rounded up, at least 1; nothing when a retry can never pass. */
export function retryAfterSeconds(
  retryAfterMs: number | undefined,
): number | undefined {
  if (retryAfterMs === undefined || retryAfterMs === Infinity) return undefined;
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  // Larger numbers would be written with an exponent.
  return Math.min(seconds, Number.MAX_SAFE_INTEGER);
}
