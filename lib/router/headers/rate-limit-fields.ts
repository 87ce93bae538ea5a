import { Verdict } from '../../stores/bucket-store.js';
import { RoutePart } from '../routes/route-part.js';
import { QuotaField } from './quota-field.js';
import {
  fieldInteger,
  QuotaItem,
  quotaItems,
  remaining,
  secondsToMore,
  wholeSeconds,
} from './quota-item.js';

/**
 * `RateLimit` and `RateLimit-Policy` as draft-ietf-httpapi-ratelimit-headers-10
 * writes them: Lists of Items of RFC 9651, one item for each policy.
 *
 * A token bucket is advertised as the quota that it really grants: `q` is its
 * capacity and `w` the whole seconds in which that much flows in again. Names
 * hold nothing that would need escaping; the configuration sees to it.
 */
export function rateLimitFields(parts: readonly RoutePart[]): QuotaField[] {
  const items = quotaItems(parts);
  const policy = items.map(policyItem).join(', ');
  return [
    { name: 'ratelimit-policy', isList: true, value: () => policy },
    {
      name: 'ratelimit',
      isList: true,
      value: (verdict) => verdict && currentItems(items, parts, verdict),
    },
  ];
}

function policyItem({ policy, limit }: QuotaItem): string {
  const windowSeconds = Math.max(1, wholeSeconds(limit.refillMs));
  return `"${policy}";q=${fieldInteger(limit.capacity)};w=${windowSeconds}`;
}

function currentItems(
  items: readonly QuotaItem[],
  parts: readonly RoutePart[],
  verdict: Verdict,
): string {
  let list = '';
  for (const item of items) {
    const seconds = secondsToMore(item, parts, verdict);
    if (list !== '') list += ', ';
    list += `"${item.policy}";r=${remaining(item, verdict)}`;
    if (seconds > 0 && seconds < Infinity) list += `;t=${seconds}`;
  }
  return list;
}
