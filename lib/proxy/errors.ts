import { ProblemException } from '../http/problem-exception.js';
import { ProblemKind, problemKinds } from '../http/problem.js';
import { LateStage, StageTimeout } from './transport/stage-timeout.js';

/** Base class of all proxy exceptions. Carries the backend's name; the backend's URL and headers are never sent to the caller. */
export abstract class BackendException extends ProblemException {
  /**
   * @param backend the name of the backend in the configuration
   * @param kind the problem type sent to the caller when the exception is not caught
   * @param detail what happened; sent to the caller, so it must contain nothing confidential
   * @param retryAfterMs milliseconds until a retry can succeed, if known
   * @param cause the underlying AxiosError
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

/** 503: the call was not sent because the backend is at its concurrency limit. */
export class BackendBusyException extends BackendException {
  override readonly name: string = 'BackendBusyException';

  constructor(backend: string, retryAfterMs: number) {
    const detail = `Backend "${backend}" is at its concurrency limit. Please try again later.`;
    super(backend, problemKinds.reducedCapacity, detail, retryAfterMs);
  }
}

/** 503: the call was not sent because the rate limit of the backend or entry is exceeded, or the backend asked callers to wait. */
export class BackendRateLimitedException extends BackendException {
  override readonly name: string = 'BackendRateLimitedException';

  constructor(backend: string, retryAfterMs: number) {
    const detail = `Rate limit for backend "${backend}" exceeded. Please try again later.`;
    super(backend, problemKinds.reducedCapacity, detail, retryAfterMs);
  }
}

/** 503: the call was not sent because the circuit breaker is open, after failures or by `forceOpen()`. */
export class CircuitOpenException extends BackendException {
  override readonly name: string = 'CircuitOpenException';

  /** @param retryAfterMs milliseconds until the breaker allows a probe; `Infinity` when unknown, which omits `Retry-After` */
  constructor(backend: string, retryAfterMs: number) {
    const detail = `Backend "${backend}" is temporarily unavailable. Please try again later.`;
    const known = Number.isFinite(retryAfterMs) ? retryAfterMs : undefined;
    super(backend, problemKinds.reducedCapacity, detail, known);
  }
}

/** 504: the backend did not respond completely before the deadline, or a stage of the call exceeded its own timeout. */
export class BackendTimeoutException extends BackendException {
  override readonly name: string = 'BackendTimeoutException';

  constructor(backend: string, cause?: unknown) {
    const detail = `Backend "${backend}" did not respond in time.`;
    super(backend, problemKinds.gatewayTimeout, detail, undefined, cause);
  }

  /** What timed out: `connection` (`connectTimeout`), `headers` (`responseHeaderTimeout`), or `answer` (the complete response, by the deadline). */
  get late(): LateStage | 'answer' {
    const { cause } = (this.cause ?? {}) as Error;
    return cause instanceof StageTimeout ? cause.stage : 'answer';
  }
}

/** 502: the backend could not be reached, or the connection broke before the response was complete. */
export class BackendUnreachableException extends BackendException {
  override readonly name: string = 'BackendUnreachableException';

  constructor(backend: string, cause?: unknown) {
    const detail = `Backend "${backend}" could not be reached.`;
    super(backend, problemKinds.badGateway, detail, undefined, cause);
  }
}

/** 502: the response exceeded `maxContentLength` and was aborted. */
export class BackendAnswerTooLargeException extends BackendException {
  override readonly name: string = 'BackendAnswerTooLargeException';

  constructor(backend: string, cause?: unknown) {
    const detail = `The response of backend "${backend}" is too large.`;
    super(backend, problemKinds.badGateway, detail, undefined, cause);
  }
}
