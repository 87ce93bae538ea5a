import { BucketLimit } from './bucket-limit.js';

/** The slot of everyone without their own bucket. */
export const COMMON_SLOT = 0;

/** One bucket, or many keyed ones under one limit, as a plan sees them: find the slot, check its level, and only then take. */
export interface Buckets {
  readonly limit: BucketLimit;
  /** Their levels, by slot; a plan takes from these directly, except from the common slot. */
  readonly levels: BucketLevels;
  /** Puts another limit in force; every bucket keeps its level, in proportion. */
  relimit(limit: BucketLimit, nowMs: number): void;
  /** The slot for `key`. Valid until something is taken for another key. */
  find(key: string): number;
  /** Takes `cost` for `key`, which its level must have allowed at the same `nowMs`; returns the slot charged. */
  take(slot: number, key: string, cost: number, nowMs: number): number;
  /** Charges `delta` tokens to `key` unconditionally, or refunds them if negative. */
  adjust(key: string, delta: number, nowMs: number): void;
}

/** Not the common slot: everyone has a bucket here, and a plan takes from it directly. */
const ONLY_SLOT = 1;

/**
 * A token bucket: starts full, refills continuously at its limit's rate, and
 * never holds more than its capacity.
 *
 * In any interval of length T it admits at most `capacity + rate · T` tokens.
 * Times are monotonic milliseconds, passed by the caller. A refusal changes
 * nothing. Decisions equal those of golang.org/x/time/rate.
 *
 * @example
 * ```ts
 * const limit = bucketLimit({ maxRate: 10, everyMs: 1000, capacity: 5 });
 * const bucket = new TokenBucket(limit, performance.now());
 * bucket.tryTake(1, performance.now()); // true
 * ```
 */
export class TokenBucket implements Buckets {
  readonly levels: BucketLevels;

  constructor(limit: BucketLimit, nowMs = 0) {
    const cells = new Float64Array((ONLY_SLOT + 1) * SLOT_DOUBLES);
    this.levels = new BucketLevels(limit, [cells]);
    this.levels.set(ONLY_SLOT, limit.capacity, nowMs);
  }

  get limit(): BucketLimit {
    return this.levels.limit;
  }

  relimit(limit: BucketLimit, nowMs: number): void {
    this.levels.relimit(limit, nowMs);
  }

  /** Takes `cost` tokens if the bucket holds them; returns whether it did. */
  tryTake(cost: number, nowMs: number): boolean {
    if (this.waitMs(cost, nowMs) > 0) return false;
    this.levels.take(ONLY_SLOT, cost, nowMs);
    return true;
  }

  /** Tokens in the bucket at `nowMs`. */
  available(nowMs: number): number {
    return this.levels.tokensIn(ONLY_SLOT, nowMs);
  }

  /** Milliseconds until `cost` could be taken: 0 now, `Infinity` never. */
  waitMs(cost: number, nowMs: number): number {
    return this.levels.waitMs(ONLY_SLOT, cost, nowMs);
  }

  find(): number {
    return ONLY_SLOT;
  }

  take(slot: number, _key: string, cost: number, nowMs: number): number {
    this.levels.take(slot, cost, nowMs);
    return slot;
  }

  adjust(_key: string, delta: number, nowMs: number): void {
    this.levels.adjust(ONLY_SLOT, delta, nowMs);
  }
}

/** Doubles per slot: its tokens, the instant at which they were counted, and the fingerprint of its key. */
export const SLOT_DOUBLES = 3;
const LAST_MS = 1;

/**
 * The levels of the buckets under one limit, by slot, side by side in an array:
 * a double passed to or returned from a call that the compiler doesn't inline
 * costs 16 bytes each time.
 */
export class BucketLevels {
  private readonly partMask: number;
  private readonly partBits: number;
  /** For callers who don't need the remaining tokens. */
  private readonly left = new Float64Array(1);

  /**
   * @param parts the doubles of all slots, in arrays whose number is a power of
   *   two; the lowest bits of a slot select the array. Their owner may replace
   *   one with a larger one
   */
  constructor(
    private current: BucketLimit,
    private readonly parts: readonly Float64Array[],
  ) {
    this.partMask = parts.length - 1;
    this.partBits = Math.log2(parts.length);
  }

  /** The limit of every slot. */
  get limit(): BucketLimit {
    return this.current;
  }

  /** Puts another limit in force. Every slot keeps its level, in proportion; a debt stays a debt. */
  relimit(limit: BucketLimit, nowMs: number): void {
    for (const cells of this.parts) {
      for (let at = 0; at < cells.length; at += SLOT_DOUBLES) {
        relimitCell(cells, at, this.current, limit, nowMs);
      }
    }
    this.current = limit;
  }

  /** Sets the level of a slot at `nowMs`. */
  set(slot: number, tokens: number, nowMs: number): void {
    const cells = this.cellsOf(slot);
    const at = this.offsetOf(slot);
    cells[at] = tokens;
    cells[at + LAST_MS] = nowMs;
  }

  /** Gives a slot the level of one among others, which go by the same limit. */
  copyFrom(others: BucketLevels, from: number, to: number): void {
    const cells = others.cellsOf(from);
    const at = others.offsetOf(from);
    this.set(to, cells[at], cells[at + LAST_MS]);
  }

  /** Milliseconds until `cost` could be taken: 0 now, `Infinity` never. Changes nothing. */
  waitMs(slot: number, cost: number, nowMs: number): number {
    const limit = this.current;
    const cells = this.cellsOf(slot);
    const at = this.offsetOf(slot);
    const sinceMs = nowMs - cells[at + LAST_MS];
    const refilled = sinceMs > 0 ? sinceMs * limit.tokensPerMs : 0;
    // Nearly every call ends here, without capping what is stored: only a cost
    // above the capacity could tell the difference.
    const isPayable = cost >= 0 && cost <= limit.capacity;
    if (cells[at] + refilled >= cost && isPayable) return 0;
    return waitMsFor(limit, cells[at], cells[at + LAST_MS], cost, nowMs);
  }

  /** Takes what `waitMs` allowed at the same `nowMs`. */
  take(slot: number, cost: number, nowMs: number): void {
    this.takeInto(slot, cost, nowMs, this.left, 0);
  }

  /** Takes the same, and writes the remaining tokens to `into[index]`. */
  takeInto(
    slot: number,
    cost: number,
    nowMs: number,
    into: Float64Array,
    index: number,
  ): void {
    const { capacity, tokensPerMs } = this.current;
    const cells = this.cellsOf(slot);
    const at = this.offsetOf(slot);
    const sinceMs = nowMs - cells[at + LAST_MS];
    let tokens = cells[at];
    if (sinceMs > 0) {
      tokens += sinceMs * tokensPerMs;
      if (tokens > capacity) tokens = capacity;
      cells[at + LAST_MS] = nowMs;
    }
    tokens -= cost;
    cells[at] = tokens;
    into[index] = tokens;
  }

  /** Charges `delta` tokens unconditionally, or refunds them if negative. A level stays within one capacity of zero. */
  adjust(slot: number, delta: number, nowMs: number): void {
    this.take(slot, delta, nowMs);
    const { capacity } = this.current;
    const cells = this.cellsOf(slot);
    const at = this.offsetOf(slot);
    if (cells[at] > capacity) cells[at] = capacity;
    else if (cells[at] < -capacity) cells[at] = -capacity;
  }

  /** Tokens in the slot at `nowMs`; negative if a surcharge left a debt. */
  tokensIn(slot: number, nowMs: number): number {
    const limit = this.current;
    const cells = this.cellsOf(slot);
    const at = this.offsetOf(slot);
    return tokensAt(limit, cells[at], cells[at + LAST_MS], nowMs);
  }

  /** Writes the tokens that remained after the last take to `into[index]`. */
  writeTokens(slot: number, into: Float64Array, index: number): void {
    into[index] = this.cellsOf(slot)[this.offsetOf(slot)];
  }

  private cellsOf(slot: number): Float64Array {
    return this.parts[slot & this.partMask];
  }

  /** The position of the slot's doubles in their array. */
  private offsetOf(slot: number): number {
    return (slot >>> this.partBits) * SLOT_DOUBLES;
  }

  /** The instant at which the slot's bucket is full, if nothing is taken until then. */
  fullAtMs(slot: number): number {
    const limit = this.current;
    const cells = this.cellsOf(slot);
    const at = this.offsetOf(slot);
    const missing = limit.capacity - cells[at];
    return cells[at + LAST_MS] + missing / limit.tokensPerMs;
  }
}

function relimitCell(
  cells: Float64Array,
  at: number,
  before: BucketLimit,
  limit: BucketLimit,
  nowMs: number,
): void {
  const lastMs = cells[at + LAST_MS];
  const share = limit.capacity / before.capacity;
  const tokens = tokensAt(before, cells[at], lastMs, nowMs) * share;
  cells[at] = tokens < limit.capacity ? tokens : limit.capacity;
  if (nowMs > lastMs) cells[at + LAST_MS] = nowMs;
}

/** The tokens at `nowMs`, from the tokens at `lastMs`. Time that runs backwards adds nothing. */
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
 * Milliseconds until `cost` tokens can be taken: 0 if they can be now,
 * `Infinity` if they never can (a cost above the capacity, below 0 or NaN).
 * After exactly that time, without other calls, the answer is 0.
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
 * caller that returns then would be refused. So it is extended until it agrees
 * with the arithmetic of an admission.
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
    // Adding less might not change the final instant.
    const lastPlace = (Math.abs(nowMs) + waitMs) * Number.EPSILON;
    const step = Math.max(short / limit.tokensPerMs, lastPlace);
    waitMs += Math.max(step, Number.MIN_VALUE);
    short = cost - tokensAt(limit, tokens, lastMs, nowMs + waitMs);
  }
  return waitMs;
}
