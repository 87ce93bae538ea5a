import { AxiosError, CanceledError } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { UndiciRequest } from './undici-request.js';

/** Undici's error codes for a broken connection. */
const BROKEN: ReadonlySet<string | undefined> = new Set([
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_SOCKET',
]);

/** Undici's error codes for a request that it refuses to send. */
const REFUSALS: ReadonlySet<string | undefined> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

type CodedError = Error & { readonly code?: string };

/** The properties of a call to attach to its errors. */
export interface ErrorContext {
  readonly config: InternalAxiosRequestConfig;
  readonly request: UndiciRequest;
}

/** Whether undici refused to send the request. */
export function isRefusal(error: CodedError): boolean {
  return REFUSALS.has(error.code);
}

/** The other side closed the connection. */
export class HangUp extends Error {
  readonly code = 'ECONNRESET';

  constructor(cause: Error) {
    super('socket hang up', { cause });
  }
}

/** Node's codes for parser errors. Undici uses the same parser but reports no code. */
const PARSER_CODES: Readonly<Record<string, string>> = {
  'Expected HTTP/': 'HPE_INVALID_CONSTANT',
  'Invalid character in Content-Length': 'HPE_INVALID_CONTENT_LENGTH',
  'Invalid character in chunk size': 'HPE_INVALID_CHUNK_SIZE',
  'Invalid header field char': 'HPE_INVALID_HEADER_TOKEN',
  'Invalid header value char': 'HPE_INVALID_HEADER_TOKEN',
  'Invalid status code': 'HPE_INVALID_STATUS',
  'Missing expected LF after header value': 'HPE_LF_EXPECTED',
};

/** Converts an undici error to that of Node's client. The original is the cause. */
export function asNodeSays(error: CodedError): CodedError {
  const { code, name } = error;
  if (BROKEN.has(code)) return new HangUp(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return named('Parse Error: Header overflow', 'HPE_HEADER_OVERFLOW', error);
  }
  // Undici fails with an AssertionError for an unexpected status.
  if (name === 'AssertionError') {
    return named('Parse Error: Invalid answer', 'HPE_INTERNAL', error);
  }
  return name === 'HTTPParserError' ? parseError(error) : error;
}

function parseError(error: CodedError): CodedError {
  const [, reason = error.message] = /\((.*)\)$/.exec(error.message) ?? [];
  const known = Object.keys(PARSER_CODES).find((start) =>
    reason.startsWith(start),
  );
  const code = known ? PARSER_CODES[known] : 'HPE_INTERNAL';
  return named(`Parse Error: ${reason}`, error.code ?? code, error);
}

/** The error of Node's client for a response that breaks off. */
export function brokenOff(cause: Error): Error {
  return named('aborted', 'ECONNRESET', cause);
}

function named(message: string, code: string, cause: Error): CodedError {
  return Object.assign(new Error(message, { cause }), { code });
}

/** The error of a call without a response. */
export function unanswered(
  error: CodedError,
  { config, request }: ErrorContext,
): AxiosError {
  return AxiosError.from(error, error.code, config, request);
}

/** The error of a call whose response broke off or cannot be decoded. */
export function brokenAnswer(
  error: CodedError,
  { config, request }: ErrorContext,
  answer: AxiosResponse,
): Error {
  if (error instanceof AxiosError || error instanceof CanceledError)
    return error;
  return AxiosError.from(error, error.code, config, request, answer);
}

/** The error of a response above `maxContentLength`. */
export function tooLong({ config, request }: ErrorContext): AxiosError {
  return new AxiosError(
    `maxContentLength size of ${config.maxContentLength} exceeded`,
    AxiosError.ERR_BAD_RESPONSE,
    config,
    request,
  );
}

/** The error of a cancelled call: the abort reason if it is an error, as in axios. */
export function cancelled(
  reason: unknown,
  { config, request }: ErrorContext,
): Error {
  const isEvent =
    typeof reason === 'object' && reason !== null && 'type' in reason;
  return reason instanceof Error && !isEvent
    ? reason
    : new CanceledError(undefined, config, request);
}

/** The error of a response that `validateStatus` rejects. */
export function statusError(answer: AxiosResponse): AxiosError | undefined {
  const { status, config, request } = answer;
  if (!status || !config.validateStatus || config.validateStatus(status)) {
    return undefined;
  }
  return new AxiosError(
    `Request failed with status code ${status}`,
    status >= 400 && status < 500
      ? AxiosError.ERR_BAD_REQUEST
      : AxiosError.ERR_BAD_RESPONSE,
    config,
    request as UndiciRequest,
    answer,
  );
}
