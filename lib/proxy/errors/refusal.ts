import { BackendException } from './backend.exception.js';

/** Whether a call was kept back by its backend's own limits, and so never sent. */
export function isRefusal(error: unknown): error is BackendException {
  return error instanceof BackendException && error.getStatus() === 503;
}
