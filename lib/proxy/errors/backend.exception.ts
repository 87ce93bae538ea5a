import { ProblemException } from '../../problem/problem-exception.js';
import { ProblemKind } from '../../problem/problem-kind.js';

/** What all exceptions of the proxy layer share: the backend's name. Its URL and headers stay out of the answer. */
export abstract class BackendException extends ProblemException {
  /**
   * @param backend the name of the backend in the configuration
   * @param kind what the caller of the endpoint is told if nobody catches it
   * @param detail what happened, fit for strangers
   * @param retryAfterMs when a retry could pass, if that is known
   * @param cause the AxiosError behind it
   */
  protected constructor(
    readonly backend: string,
    kind: ProblemKind,
    detail: string,
    retryAfterMs?: number,
    cause?: unknown,
  ) {
    super(kind, detail, retryAfterMs, undefined, cause);
  }
}
