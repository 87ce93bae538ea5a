import { Verdict } from '../../stores/bucket-store.js';
import { RoutePart } from '../routes/route-part.js';
import { QuotaField } from './quota-field.js';
import {
  fieldInteger,
  QuotaItem,
  quotaItems,
  remaining,
  secondsToMore,
} from './quota-item.js';

/** The `X-RateLimit-*` headers that many clients know, with the figures of the policy that has least left; `Reset` is in seconds from now. */
export function xRateLimitFields(parts: readonly RoutePart[]): QuotaField[] {
  const items = quotaItems(parts);
  return [
    {
      name: 'x-ratelimit-limit',
      value: (verdict) =>
        verdict &&
        String(fieldInteger(tightest(items, verdict).limit.capacity)),
    },
    {
      name: 'x-ratelimit-remaining',
      value: (verdict) =>
        verdict && String(remaining(tightest(items, verdict), verdict)),
    },
    {
      name: 'x-ratelimit-reset',
      value: (verdict) => {
        if (!verdict) return undefined;
        const seconds = secondsToMore(tightest(items, verdict), parts, verdict);
        return seconds < Infinity ? String(seconds) : undefined;
      },
    },
  ];
}

function tightest(items: readonly QuotaItem[], verdict: Verdict): QuotaItem {
  return items.reduce((least, item) =>
    remaining(item, verdict) < remaining(least, verdict) ? item : least,
  );
}
