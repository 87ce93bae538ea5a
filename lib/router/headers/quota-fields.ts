import {
  FieldVersion,
  ThrottleConfig,
} from '../../config/schema/throttle-options.schema.js';
import {
  addToList,
  HttpResponse,
  setHeader,
} from '../../problem/response-header.js';
import { Verdict } from '../../stores/bucket-store.js';
import { RoutePart } from '../routes/route-part.js';
import { rateLimitFields } from './rate-limit-fields.js';
import { QuotaField } from './quota-field.js';
import { xRateLimitFields } from './x-rate-limit.js';

/** How each draft writes the RateLimit fields. */
const VERSIONS: Record<
  FieldVersion,
  (parts: readonly RoutePart[]) => QuotaField[]
> = { 'draft-10': rateLimitFields, 'draft-11': rateLimitFields };

/** Which headers a plan writes, and whether another plan may have written before it. */
export interface FieldWriting {
  readonly headers: ThrottleConfig['headers'];
  readonly isFirst: boolean;
}

/** Nobody is told about limits on trial. */
export const UNTOLD: FieldWriting = {
  headers: { rateLimit: false, xRateLimit: false },
  isFirst: true,
};

/** The headers of one plan, prepared at boot. */
export class QuotaFields {
  private readonly lists: readonly QuotaField[];
  private readonly values: readonly QuotaField[];

  constructor(parts: readonly RoutePart[], { headers, isFirst }: FieldWriting) {
    const fields = parts.length === 0 ? [] : fieldsOf(parts, headers);
    // Looking for what stands there costs more than writing.
    const isAdded = ({ isList }: QuotaField) => isList === true && !isFirst;
    this.lists = fields.filter(isAdded);
    this.values = fields.filter((field) => !isAdded(field));
  }

  /** Tells the caller about the quota; without a verdict only what holds for every caller. */
  write(response: HttpResponse, verdict: Verdict | undefined): void {
    for (const { name, value } of this.lists) {
      const text = value(verdict);
      if (text !== undefined) addToList(response, name, text);
    }
    for (const { name, value } of this.values) {
      const text = value(verdict);
      if (text !== undefined) setHeader(response, name, text);
    }
  }
}

function fieldsOf(
  parts: readonly RoutePart[],
  { rateLimit, xRateLimit }: ThrottleConfig['headers'],
): QuotaField[] {
  return [
    ...(rateLimit ? VERSIONS[rateLimit](parts) : []),
    ...(xRateLimit ? xRateLimitFields(parts) : []),
  ];
}
