import { problemKinds } from '../../problem/problem-kind.js';
import { BackendException } from './backend.exception.js';

/** 504: the backend's answer was not complete by the deadline of the call. */
export class BackendTimeoutException extends BackendException {
  constructor(backend: string, cause?: unknown) {
    const detail = `The backend "${backend}" did not answer in time.`;
    super(backend, problemKinds.gatewayTimeout, detail, undefined, cause);
  }
}
