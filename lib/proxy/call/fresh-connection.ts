import type { AxiosResponse } from 'axios';
import { isRefusal } from '../errors/refusal.js';
import { isStale } from '../transport/stale-connection.js';
import { CallOrder, CarryOut } from './call-order.js';
import { isSendableAgain } from './sendable-again.js';

/** Sent twice they do what they do once (RFC 9110, section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'TRACE',
]);

/**
 * Sends a call again, once, that went down a kept connection just as the
 * backend closed it. That is no retry: it needs no policy, waits for nothing
 * and draws on no budget. It is an attempt like any other all the same, which
 * pays its tokens, since the backend may have seen the first.
 *
 * @param first how it is sent
 * @param second how it is sent again, much later perhaps
 */
export function onFreshConnection(first: CarryOut, second: CarryOut): CarryOut {
  return (order) => {
    const sending = first(order);
    return isSendableAgain(order.request, IDEMPOTENT)
      ? sending.catch((error: Error) => again(order, error, second))
      : sending;
  };
}

async function again(
  order: CallOrder,
  error: Error,
  second: CarryOut,
): Promise<AxiosResponse> {
  if (!isStale(error.cause)) throw error;
  try {
    return await second(order);
  } catch (failure) {
    throw isRefusal(failure) ? error : failure;
  }
}
