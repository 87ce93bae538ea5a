import { BackendLimit } from '../schema/backend-limit.schema.js';
import { RouterLimit } from '../schema/router-limit.schema.js';
import { figure } from './figure.js';
import { msText } from './ms-text.js';

/** `100/1m (1.667/s), capacity 1`. */
export function bucketText(
  maxRate: number,
  everyMs: number,
  capacity = 1,
): string {
  const perSecond =
    everyMs === 1000
      ? `${figure(maxRate)}/s`
      : `${figure(maxRate)}/${msText(everyMs)} (${figure((maxRate * 1000) / everyMs)}/s)`;
  return `${perSecond}, capacity ${capacity}`;
}

export function endpointLimitText(limit: RouterLimit): string | undefined {
  const { maxRate, everyMs, capacity, tiers } = limit;
  if (tiers) return `${tiers.length} tiers`;
  return maxRate === undefined
    ? undefined
    : bucketText(maxRate, everyMs, capacity);
}

export function clientLimitText(limit: RouterLimit): string | undefined {
  const { clientMaxRate, everyMs, clientCapacity } = limit;
  return clientMaxRate === undefined
    ? undefined
    : `${bucketText(clientMaxRate, everyMs, clientCapacity)}, by ${clientText(limit)}`;
}

/** Who a client is: `ip`, `header x-user`. */
export function clientText({ strategy = 'ip', key }: RouterLimit): string {
  if (typeof strategy === 'function') return strategy.name || 'a function';
  return key === undefined ? strategy : `${strategy} ${key}`;
}

export function backendLimitText({
  maxRate,
  everyMs,
  capacity,
}: BackendLimit): string {
  return bucketText(maxRate, everyMs, capacity);
}
