import { BucketLimit } from '../../core/bucket/bucket-limit.js';
import { Verdict } from '../bucket-store.js';

/** Redis' clock ticks in microseconds. */
const TICKS_PER_MS = 1_000;

/** What a request is told that left these tokens and waits for no bucket. */
export function admission(
  tokens: readonly number[],
  waitsMs: readonly number[],
): Verdict {
  return { admitted: true, retryAfterMs: 0, waitsMs, tokens };
}

/** What a request is told that found these tokens. */
export function refusal(
  tokens: readonly number[],
  limits: readonly BucketLimit[],
  costs: readonly number[],
): Verdict {
  const waitsMs = tokens.map((level, i) => waitMs(limits[i], level, costs[i]));
  const retryAfterMs = Math.max(...waitsMs);
  return { admitted: false, retryAfterMs, waitsMs, tokens };
}

/** Milliseconds until `cost` can be taken from a bucket that holds `tokens`: up to the tick after, where no rounding can fall short. */
function waitMs(limit: BucketLimit, tokens: number, cost: number): number {
  if (!(cost >= 0 && cost <= limit.capacity)) return Infinity;
  if (tokens >= cost) return 0;
  const exactMs = (cost - tokens) / limit.tokensPerMs;
  return (Math.floor(exactMs * TICKS_PER_MS) + 1) / TICKS_PER_MS;
}
