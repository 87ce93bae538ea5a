import { ProblemException } from '../http/problem-exception.js';
import { ProblemKind, problemKinds } from '../http/problem.js';
import { LateStage, StageTimeout } from './transport/stage-timeout.js';

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

/** 503: the call was not sent, because as many calls to the backend as may be are underway. */
export class BackendBusyException extends BackendException {
  override readonly name: string = 'BackendBusyException';

  constructor(backend: string, retryAfterMs: number) {
    const detail = `Backend "${backend}" is at its concurrency limit. Please try again later.`;
    super(backend, problemKinds.reducedCapacity, detail, retryAfterMs);
  }
}

/** 503: the call was not sent, because the backend's or the entry's bucket is empty. */
export class BackendRateLimitedException extends BackendException {
  override readonly name: string = 'BackendRateLimitedException';

  constructor(backend: string, retryAfterMs: number) {
    const detail = `Rate limit for backend "${backend}" exceeded. Please try again later.`;
    super(backend, problemKinds.reducedCapacity, detail, retryAfterMs);
  }
}

/** 503: the call was not sent, because the backend failed lately and is given time to recover, or because its breaker is forced open. */
export class CircuitOpenException extends BackendException {
  override readonly name: string = 'CircuitOpenException';

  /** @param retryAfterMs when the breaker lets a probe through; `Infinity` when nobody knows */
  constructor(backend: string, retryAfterMs: number) {
    const detail = `Backend "${backend}" is temporarily unavailable. Please try again later.`;
    const known = Number.isFinite(retryAfterMs) ? retryAfterMs : undefined;
    super(backend, problemKinds.reducedCapacity, detail, known);
  }
}

/** 504: the backend's answer was not complete by the deadline of the call, or one of its stages took longer than it may. */
export class BackendTimeoutException extends BackendException {
  override readonly name: string = 'BackendTimeoutException';

  constructor(backend: string, cause?: unknown) {
    const detail = `Backend "${backend}" did not respond in time.`;
    super(backend, problemKinds.gatewayTimeout, detail, undefined, cause);
  }

  /** What was late: a connection (`connectTimeout`), the response headers (`responseHeaderTimeout`), or the answer as a whole (the deadline). */
  get late(): LateStage | 'answer' {
    const { cause } = (this.cause ?? {}) as Error;
    return cause instanceof StageTimeout ? cause.stage : 'answer';
  }
}

/** 502: the backend could not be reached, or the connection broke before its answer was complete. */
export class BackendUnreachableException extends BackendException {
  override readonly name: string = 'BackendUnreachableException';

  constructor(backend: string, cause?: unknown) {
    const detail = `Backend "${backend}" could not be reached.`;
    super(backend, problemKinds.badGateway, detail, undefined, cause);
  }
}

/** 502: the backend's answer was longer than `maxContentLength` of the backend allows, and was ended there. */
export class BackendAnswerTooLargeException extends BackendException {
  override readonly name: string = 'BackendAnswerTooLargeException';

  constructor(backend: string, cause?: unknown) {
    const detail = `The response of backend "${backend}" is too large.`;
    super(backend, problemKinds.badGateway, detail, undefined, cause);
  }
}
