import { Problem, ProblemException } from '../../problem/problem-exception.js';

/** What all exceptions of the proxy layer share: the backend's name. Its URL and headers stay out of the answer. */
export abstract class BackendException extends ProblemException {
  /**
   * @param backend the name of the backend in the configuration
   * @param problem what the caller of the endpoint is told if nobody catches it
   * @param retryAfterMs when a retry could pass, if that is known
   * @param cause the AxiosError behind it
   */
  protected constructor(
    readonly backend: string,
    problem: Problem,
    retryAfterMs?: number,
    cause?: unknown,
  ) {
    super(problem, retryAfterMs, cause);
  }
}
