import { CanceledError } from 'axios';
import { remainingMs } from '../../core/time/deadline.js';
import { BackendTimeoutException } from '../errors/backend-timeout.exception.js';
import { CallOrder } from './call-order.js';

/**
 * Why an attempt at an order is not worth a token now: nobody waits for its
 * answer any more, or there is no time left for one.
 *
 * @param hopelessMs with no more time than this, no call is answered
 */
export function pointless(
  { request, life, deadline }: CallOrder,
  backend: string,
  nowMs: number,
  hopelessMs: number,
): Error | undefined {
  if (request.signal?.aborted || life?.end === 'caller-left') {
    return new CanceledError();
  }
  const isLate = remainingMs(deadline, nowMs) <= hopelessMs;
  return isLate || life?.end === 'deadline'
    ? new BackendTimeoutException(backend)
    : undefined;
}
