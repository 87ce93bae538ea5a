import { BucketLimit } from '../../core/bucket/bucket-limit.js';
import { Verdict } from '../../stores/bucket-store.js';
import { RoutePart } from '../routes/route-part.js';

/** One policy as callers see it: the buckets behind it speak with one voice, that of the emptiest. */
export interface QuotaItem {
  readonly policy: string;
  /** The quota that is advertised: the caller's own where the policy has one. */
  readonly limit: BucketLimit;
  /** Which parts of the plan belong to the policy. */
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

/** Requests that would still pass now: whole tokens of the emptiest bucket. */
export function remaining(item: QuotaItem, verdict: Verdict): number {
  let least = Infinity;
  for (const part of item.parts) {
    const tokens = verdict.tokens[part];
    if (tokens < least) least = tokens;
  }
  return least > 0 ? fieldInteger(Math.floor(least)) : 0;
}

/** Whole seconds until more will pass: the wait of a refused bucket, else the time to the next token; 0 when full. */
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
/** Rounding may leave a window a hair above its whole seconds. */
const HAIR_SECONDS = 1e-6;

/** Milliseconds as a field tells them: rounded up to seconds, `Infinity` as it is. */
export function wholeSeconds(ms: number): number {
  if (ms === Infinity) return Infinity;
  return fieldInteger(Math.max(0, Math.ceil(ms / 1000 - HAIR_SECONDS)));
}

/** A whole number that a structured field can hold. */
export function fieldInteger(value: number): number {
  return value < LARGEST ? value : LARGEST;
}

function msToNextToken(limit: BucketLimit, tokens: number): number {
  if (tokens >= limit.capacity) return 0;
  // In debt, nothing passes before the first whole token.
  const next = Math.max(1, Math.floor(tokens) + 1);
  return (next - tokens) / limit.tokensPerMs;
}
