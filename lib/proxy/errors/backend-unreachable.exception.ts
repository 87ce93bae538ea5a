import { problemTypes } from '../../problem/problem-exception.js';
import { BackendException } from './backend.exception.js';

/** 502: the backend could not be reached, or the connection broke before its answer was complete. */
export class BackendUnreachableException extends BackendException {
  constructor(backend: string, cause?: unknown) {
    super(
      backend,
      {
        ...problemTypes.badGateway,
        status: 502,
        detail: `The backend "${backend}" could not be reached.`,
      },
      undefined,
      cause,
    );
  }
}
