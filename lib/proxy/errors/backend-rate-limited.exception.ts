import { problemKinds } from '../../problem/problem-kind.js';
import { BackendException } from './backend.exception.js';

/** 503: the call was not sent, because the backend's or the entry's bucket is empty. */
export class BackendRateLimitedException extends BackendException {
  constructor(backend: string, retryAfterMs: number) {
    const detail = `The backend "${backend}" is asked as often as it may be; try again later.`;
    super(backend, problemKinds.reducedCapacity, detail, retryAfterMs);
  }
}
