import { problemTypes } from '../../problem/problem-exception.js';
import { BackendException } from './backend.exception.js';

/** 503: the call was not sent, because the backend's or the entry's bucket is empty. */
export class BackendRateLimitedException extends BackendException {
  constructor(backend: string, retryAfterMs: number) {
    super(
      backend,
      {
        ...problemTypes.reducedCapacity,
        status: 503,
        detail: `The backend "${backend}" is asked as often as it may be; try again later.`,
      },
      retryAfterMs,
    );
  }
}
