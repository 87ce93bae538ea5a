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

/** Why a call failed. */
export type CallFault =
  /** The deadline or a stage timeout passed. */
  | 'timeout'
  /** The connection failed, or broke before the response was complete. */
  | 'unreachable'
  /** The backend closed a reused connection before it responded; it may never have seen the request. */
  | 'stale'
  /** A complete response that `validateStatus` rejects. */
  | 'status'
  /** The caller cancelled it. */
  | 'cancelled'
  /** The response exceeded `maxContentLength`. */
  | 'too-large'
  /** The caller's side failed: an upload stream broke, a hook threw, or the response cannot be decoded with the requested encoding. */
  | 'broken-off'
  /** The HTTP client refused to send the request, or there was none. */
  | 'unsent';

/** Codes of axios errors for requests that could not be created. */
const UNSENT_CODES: ReadonlySet<string | undefined> = new Set([
  AxiosError.ERR_BAD_OPTION,
  AxiosError.ERR_BAD_OPTION_VALUE,
  AxiosError.ERR_BAD_REQUEST,
  AxiosError.ERR_DEPRECATED,
  AxiosError.ERR_INVALID_URL,
  AxiosError.ERR_NOT_SUPPORT,
  ERR_OTHER_ORIGIN,
]);

/** Codes of Node errors for invalid header fields, methods, paths and options. */
const REFUSED_BY_NODE =
  /^ERR_(?:INVALID_|HTTP_INVALID_|HTTP_HEADERS_SENT|UNESCAPED_|OUT_OF_RANGE|METHOD_NOT_|SOCKET_BAD_PORT)/;

/**
 * Classifies an error.
 *
 * @param transport the transport that sent the request; `undefined` for another adapter
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
  // Axios uses this code for a response above maxContentLength.
  if (code === AxiosError.ERR_BAD_RESPONSE) return 'too-large';
  const isUnsent = UNSENT_CODES.has(code) || REFUSED_BY_NODE.test(code ?? '');
  return isUnsent ? 'unsent' : 'unreachable';
}

/** Axios attaches the response to the error once its headers arrive, but its data only once complete. */
function hasCompleteAnswer({ response }: AxiosError): boolean {
  return response !== undefined && response.data !== undefined;
}

/** Whether the source of an upload failed, for example because a client hung up. That is not the backend's fault. */
function hasBrokenUpload({ config }: AxiosError): boolean {
  return config?.data instanceof Readable && config.data.errored !== null;
}

/** The error that the caller of a backend gets: one of our exceptions if there was no complete response, otherwise the AxiosError. */
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

/** The outcome to record for a failed call. */
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

/** The outcome to record for a response. */
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

/** The time limits of a call. */
interface CallTimes {
  readonly life: RequestLife | undefined;
  readonly deadline: Deadline;
}

/** Whether a call timed out at a deadline chosen by the caller of the endpoint. Such timeouts are not recorded: otherwise callers could open the breaker. */
export function isHurried(
  { life, deadline }: CallTimes,
  timeout: AxiosError | undefined,
): boolean {
  if (timeout === undefined || life?.isHurried !== true) return false;
  return deadline >= life.deadline;
}

/**
 * The maximum response length in bytes; negative for no limit. A call's own
 * limit replaces the backend's, unless it is not a number.
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
 * Wraps `validateStatus` to catch its errors: reports the error and accepts the
 * status. Thrown inside the HTTP client, the error could crash the process or
 * count as a failure of the backend.
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
