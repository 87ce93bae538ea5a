import { Readable } from 'node:stream';
import axios, { AxiosError, isAxiosError, isCancel } from 'axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { FailureFunction } from '../../config/schema/circuit-breaker.schema.js';
import { RequestLife } from '../../http/request-life.js';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { Deadline } from '../../core/time/deadline.js';
import {
  BackendAnswerTooLargeException,
  BackendTimeoutException,
  BackendUnreachableException,
} from '../errors.js';
import { ERR_OTHER_ORIGIN } from '../protection/own-hosts.js';
import { Transport } from '../transport/transport.js';

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
  /** The answer was longer than it may be. */
  | 'too-large'
  /** Code of the caller ended it: the source of an upload broke off, a hook threw, or the answer cannot be decoded as it asked. */
  | 'broken-off'
  /** The client refused to send it, or there was nothing to send. */
  | 'unsent';

/** Codes by which axios says that it could not make the request at all. */
const UNSENT_CODES: ReadonlySet<string | undefined> = new Set([
  AxiosError.ERR_BAD_OPTION,
  AxiosError.ERR_BAD_OPTION_VALUE,
  AxiosError.ERR_BAD_REQUEST,
  AxiosError.ERR_DEPRECATED,
  AxiosError.ERR_INVALID_URL,
  AxiosError.ERR_NOT_SUPPORT,
  ERR_OTHER_ORIGIN,
]);

/** Codes by which Node refuses what it is asked to send: header fields, methods, paths and options. */
const REFUSED_BY_NODE =
  /^ERR_(?:INVALID_|HTTP_INVALID_|HTTP_HEADERS_SENT|UNESCAPED_|OUT_OF_RANGE|METHOD_NOT_|SOCKET_BAD_PORT)/;

/**
 * Tells the faults apart.
 *
 * @param transport what the request was sent over, where it was one of ours
 */
export function faultOf(error: unknown, transport?: Transport): CallFault {
  if (isCancel(error)) return 'cancelled';
  if (!isAxiosError(error)) return 'unsent';
  const known = transport?.faultOf(error);
  if (known) return known;
  const { code, response } = error;
  if (code === AxiosError.ETIMEDOUT || code === AxiosError.ECONNABORTED) {
    return 'timeout';
  }
  if (hasCompleteAnswer(error)) return 'status';
  if (hasBrokenUpload(error) || code === 'ERR_UNKNOWN_ENCODING') {
    return 'broken-off';
  }
  if (response) return 'unreachable';
  // So axios ends an answer above maxContentLength.
  if (code === AxiosError.ERR_BAD_RESPONSE) return 'too-large';
  const isUnsent = UNSENT_CODES.has(code) || REFUSED_BY_NODE.test(code ?? '');
  return isUnsent ? 'unsent' : 'unreachable';
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
  if (fault === 'too-large')
    return new BackendAnswerTooLargeException(backend, error);
  return error;
}

/** Faults that say nothing about the backend. */
const UNTOLD: ReadonlySet<CallFault> = new Set([
  'broken-off',
  'cancelled',
  'stale',
  'too-large',
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

/** What bounds a call. */
interface CallTimes {
  readonly life: RequestLife | undefined;
  readonly deadline: Deadline;
}

/** Whether a call ran out of a time that the caller of the endpoint chose. It says nothing about the backend; else strangers could open its breaker. */
export function isHurried(
  { life, deadline }: CallTimes,
  timeout: AxiosError | undefined,
): boolean {
  if (timeout === undefined || life?.isHurried !== true) return false;
  return deadline >= life.deadline;
}

/**
 * Bytes that an answer may have, below 0 for no bound; of its call, or else of
 * its backend. What is no number is no bound of the call's own.
 */
export function boundOf(
  { maxContentLength = -1 }: AxiosRequestConfig,
  ofBackend: number,
): number {
  const own = Number(maxContentLength);
  return Number.isNaN(own) ? ofBackend : own;
}

type ValidateStatus = AxiosRequestConfig['validateStatus'];

/**
 * A `validateStatus` that tells what it throws, and takes the status then. To
 * throw would end the process beneath some clients, and count as a failure of
 * the backend beneath others.
 */
export function caughtStatus(
  validate: ValidateStatus,
  thrown: (error: unknown) => void,
): ValidateStatus {
  const isAxios = validate === axios.defaults.validateStatus;
  if (isAxios || typeof validate !== 'function') return validate;
  return (status) => {
    try {
      return validate(status);
    } catch (error) {
      thrown(error);
      return true;
    }
  };
}
