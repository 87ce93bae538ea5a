import { ThrottleConfig } from '../../config/schema/throttle-options.schema.js';
import { RoutePart } from '../route-part.js';
import { draft10Fields } from './draft-10.js';
import { QuotaField } from './quota-field.js';
import { xRateLimitFields } from './x-rate-limit.js';

/** The headers that the configuration asks for, prepared for one plan. */
export function quotaFields(
  parts: readonly RoutePart[],
  headers: ThrottleConfig['headers'],
): QuotaField[] {
  if (parts.length === 0) return [];
  return [
    ...(headers.rateLimit === 'draft-10' ? draft10Fields(parts) : []),
    ...(headers.xRateLimit ? xRateLimitFields(parts) : []),
  ];
}
