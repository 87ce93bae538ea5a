import { problemKinds } from '../../problem/problem-kind.js';
import { BackendException } from './backend.exception.js';

/** 503: the call was not sent, because the backend failed lately and is given time to recover. */
export class CircuitOpenException extends BackendException {
  constructor(backend: string, retryAfterMs: number) {
    const detail = `The backend "${backend}" is recovering; try again later.`;
    super(backend, problemKinds.reducedCapacity, detail, retryAfterMs);
  }
}
