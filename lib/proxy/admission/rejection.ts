import { AxiosError } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { withoutStack } from '../../http/problem-exception.js';
import { Verdict } from '../../stores/bucket-store.js';
import {
  BackendBusyException,
  BackendException,
  BackendRateLimitedException,
  CircuitOpenException,
} from '../errors.js';
import { seeDocs } from '../../core/docs-address.js';

/** Why a call may not be sent now. A rejected call holds no permit, token or slot. */
export type CallRejection =
  /** The circuit breaker is open. */
  | { readonly reason: 'circuit-open'; readonly retryAfterMs: number }
  /** The backend asked callers to wait, or announced that its quota is used up. */
  | { readonly reason: 'quota'; readonly retryAfterMs: number }
  /** The concurrency limit is reached. We can't predict when a slot frees up. */
  | { readonly reason: 'concurrency'; readonly retryAfterMs: number }
  /** A bucket is empty. The verdict is valid until the next decision of its plan. */
  | {
      readonly reason: 'rate-limit';
      readonly retryAfterMs: number;
      readonly verdict: Verdict;
    };

/** The shared rejection for lack of a concurrency slot. One second is the minimum of `Retry-After`. */
export const NO_PLACE: CallRejection = {
  reason: 'concurrency',
  retryAfterMs: 1000,
};

const EXCEPTIONS = {
  'circuit-open': CircuitOpenException,
  quota: BackendRateLimitedException,
  concurrency: BackendBusyException,
  'rate-limit': BackendRateLimitedException,
};

/** The exception that the caller of the backend gets for a rejection. */
export function rejectionError(
  backend: string,
  { reason, retryAfterMs }: CallRejection,
): BackendException {
  return withoutStack(() => new EXCEPTIONS[reason](backend, retryAfterMs));
}

/** The code of the error that interceptors get for a request that was not sent. */
const ERR_NOT_ADMITTED = 'ERR_NOT_ADMITTED';

/** The error that interceptors get for a rejection. They, and axios itself, expect an AxiosError. */
export function notAdmitted(
  backend: string,
  { reason }: CallRejection,
  request: InternalAxiosRequestConfig,
): AxiosError {
  const see = seeDocs('errors', ERR_NOT_ADMITTED);
  const message = `the backend "${backend}" admits no request now: ${reason}. ${see}`;
  return withoutStack(() => new AxiosError(message, ERR_NOT_ADMITTED, request));
}
