import { Readable } from 'node:stream';
import { AxiosError, AxiosResponse, isAxiosError, isCancel } from 'axios';
import { FailureFunction } from '../../config/schema/circuit-breaker.schema.js';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { BackendTimeoutException } from '../errors/backend-timeout.exception.js';
import { BackendUnreachableException } from '../errors/backend-unreachable.exception.js';
import { isStale } from '../transport/stale-connection.js';

/** What went wrong with a call that brought no answer to give back. */
export type CallFault =
  /** The time was up. */
  | 'timeout'
  /** The connection failed, or broke before the answer was complete. */
  | 'unreachable'
  /** The backend closed the kept connection before it said anything: it may never have seen the call. */
  | 'stale'
  /** A complete answer that `validateStatus` does not take. */
  | 'status'
  /** Its caller gave it up. */
  | 'cancelled'
  /** It was never sent, or not wholly: wrong options, or a body that could not be read. */
  | 'unsent';

/** Codes by which axios says that it could not make the request at all. */
const UNSENT_CODES: ReadonlySet<string | undefined> = new Set([
  AxiosError.ERR_BAD_OPTION,
  AxiosError.ERR_BAD_OPTION_VALUE,
  AxiosError.ERR_BAD_REQUEST,
  AxiosError.ERR_BAD_RESPONSE, // an answer larger than the caller's own maxContentLength
  AxiosError.ERR_DEPRECATED,
  AxiosError.ERR_INVALID_URL,
  AxiosError.ERR_NOT_SUPPORT,
]);

/** Tells the faults apart. */
export function faultOf(error: unknown): CallFault {
  if (isCancel(error)) return 'cancelled';
  if (!isAxiosError(error)) return 'unsent';
  if (
    error.code === AxiosError.ETIMEDOUT ||
    error.code === AxiosError.ECONNABORTED
  ) {
    return 'timeout';
  }
  if (hasCompleteAnswer(error)) return 'status';
  if (hasBrokenUpload(error)) return 'unsent';
  if (error.response === undefined && UNSENT_CODES.has(error.code))
    return 'unsent';
  return isStale(error) ? 'stale' : 'unreachable';
}

/** Axios puts the response into the error as soon as its headers are there, but its data only when all of it is. */
function hasCompleteAnswer({ response }: AxiosError): boolean {
  return response !== undefined && response.data !== undefined;
}

/** An upload that its own source broke off, such as a client that hung up, is not the backend's doing. */
function hasBrokenUpload({ config }: AxiosError): boolean {
  return config?.data instanceof Readable && config.data.errored !== null;
}

/** What the caller of a backend gets to see: our exceptions where the backend gave no answer, axios' error otherwise. */
export function exceptionFor(
  backend: string,
  fault: CallFault,
  error: unknown,
): unknown {
  if (fault === 'timeout') return new BackendTimeoutException(backend, error);
  if (fault === 'unreachable' || fault === 'stale')
    return new BackendUnreachableException(backend, error);
  return error;
}

/** Faults that say nothing about the backend. */
const UNTOLD: ReadonlySet<CallFault> = new Set([
  'cancelled',
  'stale',
  'unsent',
]);

/** What a failed call says about the backend. */
export function outcomeOfFault(
  fault: CallFault,
  error: unknown,
  isFailure?: FailureFunction,
): CallOutcome {
  if (UNTOLD.has(fault)) return 'ignored';
  const axiosError = error as AxiosError;
  const failed = isFailure
    ? isFailure(axiosError.response, axiosError)
    : fault !== 'status' || isServerFault(axiosError.response);
  return failed ? 'failure' : 'success';
}

/** What an answer says about the backend. */
export function outcomeOfAnswer(
  answer: AxiosResponse,
  isFailure?: FailureFunction,
): CallOutcome {
  const failed = isFailure
    ? isFailure(answer, undefined)
    : isServerFault(answer);
  return failed ? 'failure' : 'success';
}

function isServerFault(answer: AxiosResponse | undefined): boolean {
  return answer !== undefined && answer.status >= 500;
}
