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

/** Why a call may not be sent now. Of what it would have needed, nothing stays taken. */
export type CallRejection =
  /** The breaker gives no permit. */
  | { readonly reason: 'circuit-open'; readonly retryAfterMs: number }
  /** The backend itself has asked to be left alone. */
  | { readonly reason: 'quota'; readonly retryAfterMs: number }
  /** As many calls as may be are underway. When one of them ends, nobody knows. */
  | { readonly reason: 'concurrency'; readonly retryAfterMs: number }
  /** A bucket is empty; the verdict is valid until the next of its plan. */
  | {
      readonly reason: 'rate-limit';
      readonly retryAfterMs: number;
      readonly verdict: Verdict;
    };

/** The rejection of a call for which there is no place: there is nothing to tell apart, and a second is the least that Retry-After can say. */
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

/** What the caller of the backend is told of a rejection. */
export function rejectionError(
  backend: string,
  { reason, retryAfterMs }: CallRejection,
): BackendException {
  return withoutStack(() => new EXCEPTIONS[reason](backend, retryAfterMs));
}

/** The code of the error by which interceptors learn that a request was not sent. */
const ERR_NOT_ADMITTED = 'ERR_NOT_ADMITTED';

/** What interceptors are told of a rejection: they expect errors of axios, as axios itself does beneath them. */
export function notAdmitted(
  backend: string,
  { reason }: CallRejection,
  request: InternalAxiosRequestConfig,
): AxiosError {
  const see = seeDocs('errors', ERR_NOT_ADMITTED);
  const message = `the backend "${backend}" admits no request now: ${reason}. ${see}`;
  return withoutStack(() => new AxiosError(message, ERR_NOT_ADMITTED, request));
}
