import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { bucketLimit } from '../../core/bucket/bucket-limit.js';
import { clientKeyReader } from '../client-key/client-key-reader.js';
import { ProxyTrust } from '../client-key/proxy-trust.js';
import { RoutePart } from '../route-part.js';
import { NameHalf } from './limit-names.js';

/** The buckets of a limit with rates of its own: one for all callers, one for each client, or both. */
export function limitParts(
  limit: RouterLimit,
  nameHalf: NameHalf,
  trust: ProxyTrust,
): RoutePart[] {
  const { everyMs, cost, settle, onMissingKey = 'reject' } = limit;
  const terms = { cost, settle, onMissingKey };
  const parts: RoutePart[] = [];
  if (limit.maxRate !== undefined) {
    const { maxRate, capacity = 1 } = limit;
    parts.push({
      ...nameHalf('endpoint'),
      ...terms,
      limit: bucketLimit({ maxRate, everyMs, capacity }),
    });
  }
  if (limit.clientMaxRate !== undefined) {
    const { clientMaxRate: maxRate, clientCapacity: capacity = 1 } = limit;
    parts.push({
      ...nameHalf('client'),
      ...terms,
      limit: bucketLimit({ maxRate, everyMs, capacity }),
      client: clientKeyReader(limit, trust),
    });
  }
  return parts;
}
