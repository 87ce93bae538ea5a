import { BucketLimit } from './bucket-limit.js';

/**
 * How full the buckets under one limit are, by slot: the tokens of each and the
 * instant at which they were true.
 *
 * Levels stand in arrays and are read from them: a double that is handed to or
 * returned from a call which the compiler does not inline costs 16 bytes each
 * time.
 */
export class BucketLevels {
  tokens: Float64Array;
  lastMs: Float64Array;

  constructor(
    readonly limit: BucketLimit,
    slots: number,
  ) {
    this.tokens = new Float64Array(slots);
    this.lastMs = new Float64Array(slots);
  }

  /** Makes room for `slots` slots. */
  grow(slots: number): void {
    this.tokens = grown(this.tokens, slots);
    this.lastMs = grown(this.lastMs, slots);
  }

  /** Milliseconds until `cost` could be taken: 0 now, `Infinity` never. Changes nothing. */
  waitMs(slot: number, cost: number, nowMs: number): number {
    const sinceMs = nowMs - this.lastMs[slot];
    const refilled = sinceMs > 0 ? sinceMs * this.limit.tokensPerMs : 0;
    // Nearly every call ends here: without a bound on what is stored, which only a cost above the capacity could notice.
    if (this.tokens[slot] + refilled >= cost && this.isPayable(cost)) return 0;
    const { limit, tokens, lastMs } = this;
    return waitMsFor(limit, tokens[slot], lastMs[slot], cost, nowMs);
  }

  /** Takes what `waitMs` allowed at the same `nowMs`. */
  take(slot: number, cost: number, nowMs: number): void {
    const { capacity, tokensPerMs } = this.limit;
    const sinceMs = nowMs - this.lastMs[slot];
    let tokens = this.tokens[slot];
    if (sinceMs > 0) {
      tokens += sinceMs * tokensPerMs;
      if (tokens > capacity) tokens = capacity;
      this.lastMs[slot] = nowMs;
    }
    this.tokens[slot] = tokens - cost;
  }

  /** Tokens in the slot at `nowMs`. */
  tokensIn(slot: number, nowMs: number): number {
    return tokensAt(this.limit, this.tokens[slot], this.lastMs[slot], nowMs);
  }

  private isPayable(cost: number): boolean {
    return cost >= 0 && cost <= this.limit.capacity;
  }

  /** The instant from which the slot's bucket is full, if nothing is taken meanwhile. */
  fullAtMs(slot: number): number {
    const missing = this.limit.capacity - this.tokens[slot];
    return this.lastMs[slot] + missing / this.limit.tokensPerMs;
  }
}

function grown(
  values: Float64Array,
  length: number,
): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(values);
  return larger;
}

/** Tokens that a bucket holds at `nowMs`, given what it held at `lastMs`. Time that runs backwards adds nothing. */
function tokensAt(
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
function waitMsFor(
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
  const behindMs = lastMs > nowMs ? lastMs - nowMs : 0;
  let waitMs = behindMs + missing / limit.tokensPerMs;
  let short = cost - tokensAt(limit, tokens, lastMs, nowMs + waitMs);
  while (short > 0) {
    waitMs += Math.max(short / limit.tokensPerMs, leastStepMs(nowMs, waitMs));
    short = cost - tokensAt(limit, tokens, lastMs, nowMs + waitMs);
  }
  return waitMs;
}

/** Adding less than this to the wait might not move the instant at its end. */
function leastStepMs(nowMs: number, waitMs: number): number {
  const lastPlace = (Math.abs(nowMs) + waitMs) * Number.EPSILON;
  return Math.max(lastPlace, Number.MIN_VALUE);
}
