import { CircuitBreaker } from '../../core/breaker/circuit-breaker.js';
import { withoutStack } from '../../problem/problem-exception.js';
import { Verdict } from '../../stores/bucket-store.js';
import { BackendBusyException } from '../errors/backend-busy.exception.js';
import { BackendException } from '../errors/backend.exception.js';
import { BackendRateLimitedException } from '../errors/backend-rate-limited.exception.js';
import { CircuitOpenException } from '../errors/circuit-open.exception.js';

/** Why a call may not be sent now. Of what it would have needed, nothing stays taken. */
export type Shortage =
  /** The breaker gives no permit. */
  | { readonly of: 'permit'; readonly retryAfterMs: number }
  /** The backend itself has asked to be left alone. */
  | { readonly of: 'quota'; readonly retryAfterMs: number }
  /** As many calls as may be are underway. When one of them ends, nobody knows. */
  | { readonly of: 'place'; readonly retryAfterMs: number }
  /** A bucket is empty; the verdict is valid until the next of its plan. */
  | {
      readonly of: 'tokens';
      readonly retryAfterMs: number;
      readonly verdict: Verdict;
    };

/** What callers are told of a shortage of places: the least that Retry-After can say. */
const BUSY_RETRY_AFTER_MS = 1000;

/** The shortage of places; there is nothing to tell apart. */
export const NO_PLACE: Shortage = {
  of: 'place',
  retryAfterMs: BUSY_RETRY_AFTER_MS,
};

/** The shortage of a call that the breaker would refuse now; nothing is taken. */
export function permitShortage(
  breaker: CircuitBreaker | undefined,
  nowMs: number,
): Shortage | undefined {
  return breaker?.isRefusing(nowMs)
    ? { of: 'permit', retryAfterMs: breaker.retryAfterMs(nowMs) }
    : undefined;
}

/**
 * What the caller of the backend is told of a shortage.
 *
 * @param retryAfterMs when to come back, where that is not the shortage's alone to say
 */
export function refusalFor(
  backend: string,
  { of, retryAfterMs: ownMs }: Shortage,
  retryAfterMs = ownMs,
): BackendException {
  return withoutStack(() => new REFUSALS[of](backend, retryAfterMs));
}

const REFUSALS = {
  permit: CircuitOpenException,
  quota: BackendRateLimitedException,
  place: BackendBusyException,
  tokens: BackendRateLimitedException,
};
