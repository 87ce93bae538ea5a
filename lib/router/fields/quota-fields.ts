import { ThrottleConfig } from '../../config/schema/throttle-options.schema.js';
import { Verdict } from '../../stores/bucket-store.js';
import { RoutePart } from '../route-part.js';
import { draft10Fields } from './draft-10.js';
import { xRateLimitFields } from './x-rate-limit.js';

/** A response header that tells callers about their quota. */
export interface QuotaField {
  readonly name: string;
  /** The value after a decision; nothing where there is none to tell. */
  readonly value: (verdict: Verdict) => string | undefined;
}

/** The headers that the configuration asks for, prepared for one plan. */
export function quotaFields(
  parts: readonly RoutePart[],
  headers: ThrottleConfig['headers'],
): QuotaField[] {
  return [
    ...(headers.rateLimit === 'draft-10' ? draft10Fields(parts) : []),
    ...(headers.xRateLimit ? xRateLimitFields(parts) : []),
  ];
}
