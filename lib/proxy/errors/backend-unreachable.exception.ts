import { problemKinds } from '../../problem/problem-kind.js';
import { BackendException } from './backend.exception.js';

/** 502: the backend could not be reached, or the connection broke before its answer was complete. */
export class BackendUnreachableException extends BackendException {
  constructor(backend: string, cause?: unknown) {
    const detail = `The backend "${backend}" could not be reached.`;
    super(backend, problemKinds.badGateway, detail, undefined, cause);
  }
}
