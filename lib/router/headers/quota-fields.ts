import {
  FieldVersion,
  ThrottleConfig,
} from '../../config/schema/throttle-options.schema.js';
import { BucketLimit } from '../../core/bucket/bucket-limit.js';
import { Verdict } from '../../stores/bucket-store.js';
import { RoutePart } from '../routes/route-part.js';
import { HttpResponse } from '../transport/transport.js';
import { addToList, setHeader } from '../transport/transports.js';

/** How each draft writes the RateLimit fields. */
const VERSIONS: Record<
  FieldVersion,
  (parts: readonly RoutePart[]) => QuotaField[]
> = { 'draft-10': rateLimitFields, 'draft-11': rateLimitFields };

/** Which headers a plan writes, and whether another plan may have written them before. */
export interface FieldWriting {
  readonly headers: ThrottleConfig['headers'];
  readonly isFirst: boolean;
}

/** Callers don't see limits in audit mode. */
export const UNTOLD: FieldWriting = {
  headers: { rateLimit: false, xRateLimit: false },
  isFirst: true,
};

/** The header fields of one plan, prepared at boot. */
export class QuotaFields {
  private readonly lists: readonly QuotaField[];
  private readonly values: readonly QuotaField[];

  constructor(parts: readonly RoutePart[], { headers, isFirst }: FieldWriting) {
    const fields = parts.length === 0 ? [] : fieldsOf(parts, headers);
    // Reading the present value costs more than writing.
    const isAdded = ({ isList }: QuotaField) => isList === true && !isFirst;
    this.lists = fields.filter(isAdded);
    this.values = fields.filter((field) => !isAdded(field));
  }

  /** Writes the quota into the response; without a verdict, only what applies to every caller. */
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

/** A response header with the caller's quota. */
interface QuotaField {
  /** In lower case. */
  readonly name: string;
  /** Whether the items of several plans (the service's, the route's) share one list. */
  readonly isList?: boolean;
  /** The value after a decision, or without one; `undefined` for no header. */
  readonly value: (verdict: Verdict | undefined) => string | undefined;
}

/**
 * `RateLimit` and `RateLimit-Policy` as in
 * draft-ietf-httpapi-ratelimit-headers-10: Lists of Items of RFC 9651, one item
 * per policy.
 *
 * A token bucket is advertised as the quota that it really grants: `q` is its
 * capacity and `w` the whole seconds in which that much flows in. Names never
 * need escaping; the configuration ensures it.
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

/**
 * The `X-RateLimit-*` headers that many clients know, with the figures of the
 * policy that has the least left; `Reset` is in seconds from now.
 */
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

/** One policy as callers see it: the emptiest of its buckets. */
export interface QuotaItem {
  readonly policy: string;
  /** The advertised quota: the client's if the policy has one. */
  readonly limit: BucketLimit;
  /** The indexes of the policy's buckets in the plan. */
  readonly parts: readonly number[];
}

/** The policies of a plan, each once. */
export function quotaItems(parts: readonly RoutePart[]): QuotaItem[] {
  return [...groupByPolicy(parts)].map(([policy, indexes]) => {
    const own = indexes.find((i) => parts[i].client) ?? indexes[0];
    return { policy, limit: parts[own].limit, parts: indexes };
  });
}

function groupByPolicy(parts: readonly RoutePart[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  parts.forEach(({ policy }, i) => {
    groups.set(policy, [...(groups.get(policy) ?? []), i]);
  });
  return groups;
}

/** Requests that would pass now: the whole tokens of the emptiest bucket. */
export function remaining(item: QuotaItem, verdict: Verdict): number {
  let least = Infinity;
  for (const part of item.parts) {
    const tokens = verdict.tokens[part];
    if (tokens < least) least = tokens;
  }
  return least > 0 ? fieldInteger(Math.floor(least)) : 0;
}

/** Whole seconds until more will pass: the wait of a refusing bucket, else the time to the next token; 0 when full. */
export function secondsToMore(
  item: QuotaItem,
  parts: readonly RoutePart[],
  verdict: Verdict,
): number {
  let longestMs = 0;
  for (const part of item.parts) {
    const waitMs =
      verdict.waitsMs[part] ||
      msToNextToken(parts[part].limit, verdict.tokens[part]);
    if (waitMs > longestMs) longestMs = waitMs;
  }
  return wholeSeconds(longestMs);
}

/** The largest integer of RFC 9651. */
const LARGEST = 999_999_999_999_999;
/** Rounding may leave a window slightly above its whole seconds. */
const HAIR_SECONDS = 1e-6;

/** Milliseconds rounded up to seconds; `Infinity` unchanged. */
export function wholeSeconds(ms: number): number {
  if (ms === Infinity) return Infinity;
  return fieldInteger(Math.max(0, Math.ceil(ms / 1000 - HAIR_SECONDS)));
}

/** A whole number within the range of structured fields. */
export function fieldInteger(value: number): number {
  return value < LARGEST ? value : LARGEST;
}

function msToNextToken(limit: BucketLimit, tokens: number): number {
  if (tokens >= limit.capacity) return 0;
  // In debt, nothing passes before the first whole token.
  const next = Math.max(1, Math.floor(tokens) + 1);
  return (next - tokens) / limit.tokensPerMs;
}
