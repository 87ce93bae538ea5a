import { BucketLimit } from './bucket-limit.js';
import { Buckets, ONLY_SLOT } from './buckets.js';

/** Tokens that a bucket holds at `nowMs`, given what it held at `lastMs`. Time that runs backwards adds nothing. */
export function tokensAt(
  limit: BucketLimit,
  tokens: number,
  lastMs: number,
  nowMs: number,
): number {
  if (nowMs <= lastMs) return tokens;
  const filled = tokens + (nowMs - lastMs) * limit.tokensPerMs;
  return filled < limit.capacity ? filled : limit.capacity;
}

/**
 * Milliseconds until `cost` tokens can be taken: 0 when they can be now,
 * `Infinity` when they never can: a cost above the capacity, below 0 or NaN.
 * Asked again after exactly that long, alone, the answer is 0.
 */
export function waitMsFor(
  limit: BucketLimit,
  tokens: number,
  lastMs: number,
  cost: number,
  nowMs: number,
): number {
  if (!(cost >= 0 && cost <= limit.capacity)) return Infinity;
  const available = tokensAt(limit, tokens, lastMs, nowMs);
  if (available >= cost) return 0;
  return exactWaitMs(limit, tokens, lastMs, cost, nowMs, cost - available);
}

/**
 * Rounding may leave the quotient a few units in the last place short, and a
 * caller that came back then would be refused. So it is stretched until the
 * arithmetic of an admission agrees.
 */
function exactWaitMs(
  limit: BucketLimit,
  tokens: number,
  lastMs: number,
  cost: number,
  nowMs: number,
  missing: number,
): number {
  const fromMs = nowMs > lastMs ? nowMs : lastMs;
  let atMs = fromMs + missing / limit.tokensPerMs;
  let short = cost - tokensAt(limit, tokens, lastMs, nowMs + (atMs - nowMs));
  while (short > 0) {
    atMs += Math.max(short / limit.tokensPerMs, leastStepMs(atMs));
    short = cost - tokensAt(limit, tokens, lastMs, nowMs + (atMs - nowMs));
  }
  return atMs - nowMs;
}

/** The least that can be added to `atMs` and change it. */
function leastStepMs(atMs: number): number {
  return Math.max(Math.abs(atMs) * Number.EPSILON, Number.MIN_VALUE);
}

/**
 * One token bucket: starts full, refills continuously at its limit's rate and
 * never holds more than its capacity.
 *
 * In any interval of length T it admits at most `capacity + rate · T` tokens.
 * Times are monotonic milliseconds, given by the caller; a refusal changes
 * nothing. The decisions equal those of golang.org/x/time/rate.
 */
export class TokenBucket implements Buckets {
  private tokens: number;
  private lastMs: number;

  constructor(
    readonly limit: BucketLimit,
    nowMs = 0,
  ) {
    this.tokens = limit.capacity;
    this.lastMs = nowMs;
  }

  /** Takes `cost` tokens if they are there; tells whether it did. */
  tryTake(cost: number, nowMs: number): boolean {
    if (this.waitMs(ONLY_SLOT, cost, nowMs) > 0) return false;
    this.take(ONLY_SLOT, '', cost, nowMs);
    return true;
  }

  /** Tokens stored at `nowMs`. */
  available(nowMs: number): number {
    return tokensAt(this.limit, this.tokens, this.lastMs, nowMs);
  }

  find(): number {
    return ONLY_SLOT;
  }

  waitMs(_slot: number, cost: number, nowMs: number): number {
    return waitMsFor(this.limit, this.tokens, this.lastMs, cost, nowMs);
  }

  take(_slot: number, _key: string, cost: number, nowMs: number): number {
    this.tokens = this.available(nowMs) - cost;
    if (nowMs > this.lastMs) this.lastMs = nowMs;
    return this.tokens;
  }

  tokensIn(_slot: number, nowMs: number): number {
    return this.available(nowMs);
  }
}
