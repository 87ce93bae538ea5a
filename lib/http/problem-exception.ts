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

/** The media type of a problem document. */
export const PROBLEM_JSON = 'application/problem+json';

/**
 * An HttpException whose body is a problem document; the base class of all
 * exceptions of this library. It always serializes as that document: `cause`
 * may hold headers, cookies, URLs and keys, and is only for code.
 */
export abstract class ProblemException extends HttpException {
  /** The application's own body, if it replaces the problem document. */
  answer?: RefusalBody;

  /**
   * @param kind the kind of problem
   * @param detail what happened this time; also the message. It is sent to
   *   callers, so it must hold no secrets
   * @param retryAfterMs milliseconds until a retry can succeed; `undefined` if
   *   that is unknown or never
   * @param policies the names of the policies that refused the request
   * @param cause the underlying error; never shown to the caller
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
    // An accessor, so that structuredClone skips it; not enumerable, so that code which copies fields skips it too.
    const get = () => cause;
    const descriptor = { get, configurable: true, enumerable: false };
    Object.defineProperty(this, 'cause', descriptor);
  }

  /** The problem document, built on demand because many refusals never need it. */
  get problem(): Problem {
    const { type, title, status } = this.kind;
    const problem = { type, title, status, detail: this.message };
    return this.policies
      ? { ...problem, 'violated-policies': this.policies }
      : problem;
  }

  /** What GraphQL adds to the message: it shows the `extensions` of any error that a resolver throws. */
  get extensions(): ProblemExtensions {
    return problemExtensions(this);
  }

  /** The problem document. */
  toJSON(): Problem {
    return this.problem;
  }

  /** The stack, the problem document and a link to the documentation, without the cause. */
  [inspect.custom](): string {
    const where = this.stack ?? `${this.name}: ${this.message}`;
    const document = inspect(this.problem, { depth: 2 });
    return `${where} ${document}\n${seeDocs('errors', this.name)}`;
  }

  /** The response body: the problem document, or the application's own body. */
  override getResponse(): string | object {
    return this.answer ? (this.answer.body as string | object) : this.problem;
  }
}

/** What GraphQL shows of a problem in addition to its message. */
export interface ProblemExtensions extends Problem {
  /** The name of the status in `HttpStatus`, such as `TOO_MANY_REQUESTS`. */
  readonly code: string;
  readonly retryAfterMs?: number;
  /** Status and headers for servers such as Apollo's, which remove this field and apply it to the response. */
  readonly http: {
    readonly status: number;
    readonly headers: ReadonlyMap<string, string>;
  };
}

/** Builds the extensions of a GraphQL error. */
function problemExtensions(told: Told): ProblemExtensions {
  const { message: _, ...document } = problemMessage(told);
  const { status } = document;
  const seconds = retryAfterSeconds(told.retryAfterMs);
  const headers = new Map<string, string>();
  if (seconds !== undefined) headers.set('retry-after', String(seconds));
  return { code: HttpStatus[status], ...document, http: { status, headers } };
}

/**
 * Creates an error without a stack trace. A refusal is a response, not a bug:
 * its stack says nothing, and capturing it costs more than the rest of the
 * refusal, just when there are many.
 */
export function withoutStack<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  // Not an assignment, which throws if intrinsics are frozen.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** The Retry-After of RFC 9110 in whole seconds: rounded up, at least 1; `undefined` if a retry can never succeed. */
export function retryAfterSeconds(
  retryAfterMs: number | undefined,
): number | undefined {
  if (retryAfterMs === undefined || retryAfterMs === Infinity) return undefined;
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  // Larger numbers would print with an exponent.
  return Math.min(seconds, Number.MAX_SAFE_INTEGER);
}
