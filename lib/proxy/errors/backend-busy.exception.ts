import { problemKinds } from '../../problem/problem-kind.js';
import { BackendException } from './backend.exception.js';

/** 503: the call was not sent, because as many calls to the backend as may be are underway. */
export class BackendBusyException extends BackendException {
  constructor(backend: string, retryAfterMs: number) {
    const detail = `The backend "${backend}" is busy with as many calls as it may have; try again later.`;
    super(backend, problemKinds.reducedCapacity, detail, retryAfterMs);
  }
}
