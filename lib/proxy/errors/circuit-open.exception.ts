import { problemKinds } from '../../problem/problem-kind.js';
import { BackendException } from './backend.exception.js';

/** 503: the call was not sent, because the backend failed lately and is given time to recover, or because its breaker is forced open. */
export class CircuitOpenException extends BackendException {
  /** @param retryAfterMs when the breaker lets a probe through; `Infinity` when nobody knows */
  constructor(backend: string, retryAfterMs: number) {
    const detail = `The backend "${backend}" is recovering; try again later.`;
    const known = Number.isFinite(retryAfterMs) ? retryAfterMs : undefined;
    super(backend, problemKinds.reducedCapacity, detail, known);
  }
}
