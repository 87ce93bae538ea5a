import { problemKinds } from '../../problem/problem-kind.js';
import { LateStage, StageTimeout } from '../transport/stage-timeout.js';
import { BackendException } from './backend.exception.js';

/** 504: the backend's answer was not complete by the deadline of the call, or one of its stages took longer than it may. */
export class BackendTimeoutException extends BackendException {
  constructor(backend: string, cause?: unknown) {
    const detail = `The backend "${backend}" did not answer in time.`;
    super(backend, problemKinds.gatewayTimeout, detail, undefined, cause);
  }

  /** What was late: a connection (`connectTimeout`), the response headers (`responseHeaderTimeout`), or the answer as a whole (the deadline). */
  get late(): LateStage | 'answer' {
    const { cause } = (this.cause ?? {}) as Error;
    return cause instanceof StageTimeout ? cause.stage : 'answer';
  }
}
