import { problemTypes } from '../../problem/problem-exception.js';
import { BackendException } from './backend.exception.js';

/** 504: the backend's answer was not complete by the deadline of the call. */
export class BackendTimeoutException extends BackendException {
  constructor(backend: string, cause?: unknown) {
    super(
      backend,
      {
        ...problemTypes.gatewayTimeout,
        status: 504,
        detail: `The backend "${backend}" did not answer in time.`,
      },
      undefined,
      cause,
    );
  }
}
