import { AxiosError, CanceledError, isCancel } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { OutgoingRequest } from './outgoing-request.js';

/** Undici's codes for what axios' users know by the names of the operating system and of follow-redirects. */
const KNOWN_AS: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_CONNECT_TIMEOUT: AxiosError.ETIMEDOUT,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'ECONNRESET',
};

interface CodedError extends Error {
  code?: string;
}

/** The error of a call whose answer did not come whole. */
export function transportError(
  error: CodedError,
  config: InternalAxiosRequestConfig,
  request: OutgoingRequest,
  answer?: AxiosResponse,
): AxiosError {
  if (error instanceof AxiosError) return error;
  const code = codeOf(error);
  return AxiosError.from(error, code, config, request, answer);
}

function codeOf(error: CodedError): string | undefined {
  if (/^max redirects|^Redirect loop/.test(error.message)) {
    return 'ERR_FR_TOO_MANY_REDIRECTS';
  }
  return KNOWN_AS[error.code ?? ''] ?? error.code;
}

/** What a call fails with when its signal is aborted: the signal's own reason if that is an error, as axios has it. */
export function abortError(
  reason: unknown,
  config: InternalAxiosRequestConfig,
  request: OutgoingRequest,
): Error {
  return reason instanceof Error &&
    (reason instanceof AxiosError || isCancel(reason))
    ? reason
    : new CanceledError(undefined, config, request);
}
