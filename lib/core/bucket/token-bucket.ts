import { BucketLimit } from './bucket-limit.js';

/** The slot of all who have no bucket of their own. */
export const COMMON_SLOT = 0;

/**
 * One bucket or many keyed ones under one limit, as a plan sees them: find the
 * slot, ask its level, and only then take. Nothing but taking and adjusting changes a level.
 */
export interface Buckets {
  readonly limit: BucketLimit;
  /** How full they are, by slot; taken from directly for any slot but the common one. */
  readonly levels: BucketLevels;
  /** Puts another limit in force; every bucket stays as full as it is, in proportion. */
  relimit(limit: BucketLimit, nowMs: number): void;
  /** The slot that answers for `key`. Valid until something is taken for another key. */
  find(key: string): number;
  /** Takes `cost` for `key`, which the slot's level must have allowed at the same `nowMs`; returns the slot that was charged. */
  take(slot: number, key: string, cost: number, nowMs: number): number;
  /** Charges `delta` tokens to `key` without asking, or gives them back when it is below zero. */
  adjust(key: string, delta: number, nowMs: number): void;
}

/** Not the common slot: nobody is without a bucket here, and a plan takes from it directly. */
const ONLY_SLOT = 1;

/**
 * One token bucket: starts full, refills continuously at its limit's rate and
 * never holds more than its capacity.
 *
 * In any interval of length T it admits at most `capacity + rate · T` tokens.
 * Times are monotonic milliseconds, given by the caller; a refusal changes
 * nothing. The decisions equal those of golang.org/x/time/rate.
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

  /** Takes `cost` tokens if they are there; tells whether it did. */
  tryTake(cost: number, nowMs: number): boolean {
    if (this.waitMs(cost, nowMs) > 0) return false;
    this.levels.take(ONLY_SLOT, cost, nowMs);
    return true;
  }

  /** Tokens stored at `nowMs`. */
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

/** Doubles of one slot: its tokens, the instant at which they were true, and room for the fingerprint of its key. */
export const SLOT_DOUBLES = 3;
const LAST_MS = 1;

/**
 * How full the buckets under one limit are, by slot.
 *
 * All of a slot stands side by side, mostly in one line of the processor's
 * cache. It is read from the array: a double that is handed to or returned
 * from a call which the compiler does not inline costs 16 bytes each time.
 */
export class BucketLevels {
  private readonly partMask: number;
  private readonly partBits: number;
  /** For those who do not ask what is left. */
  private readonly left = new Float64Array(1);

  /**
   * @param parts the doubles of all slots, in arrays whose number is a power of two; the lowest bits of a slot say in which. Who owns them may replace one by a larger one
   */
  constructor(
    private current: BucketLimit,
    private readonly parts: readonly Float64Array[],
  ) {
    this.partMask = parts.length - 1;
    this.partBits = Math.log2(parts.length);
  }

  /** What every slot goes by. */
  get limit(): BucketLimit {
    return this.current;
  }

  /**
   * Puts another limit in force. Every slot stays as full as it is, in
   * proportion: who had used up half has half of the new capacity left, and who
   * was in debt stays so.
   */
  relimit(limit: BucketLimit, nowMs: number): void {
    for (const cells of this.parts) {
      for (let at = 0; at < cells.length; at += SLOT_DOUBLES) {
        relimitCell(cells, at, this.current, limit, nowMs);
      }
    }
    this.current = limit;
  }

  /** Says what a slot holds at `nowMs`. */
  set(slot: number, tokens: number, nowMs: number): void {
    const cells = this.cellsOf(slot);
    const at = this.offsetOf(slot);
    cells[at] = tokens;
    cells[at + LAST_MS] = nowMs;
  }

  /** Gives a slot the level of another. */
  copy(from: number, to: number): void {
    this.copyFrom(this, from, to);
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
    // Nearly every call ends here: without a bound on what is stored, which only a cost above the capacity could notice.
    const isPayable = cost >= 0 && cost <= limit.capacity;
    if (cells[at] + refilled >= cost && isPayable) return 0;
    return waitMsFor(limit, cells[at], cells[at + LAST_MS], cost, nowMs);
  }

  /** Takes what `waitMs` allowed at the same `nowMs`. */
  take(slot: number, cost: number, nowMs: number): void {
    this.takeInto(slot, cost, nowMs, this.left, 0);
  }

  /** Takes the same, and writes the tokens that are left into `into[index]`. */
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

  /**
   * Charges `delta` tokens without asking, or gives them back when it is below
   * zero. A level stays within one capacity of zero: what was never used cannot
   * be given back, and no surcharge keeps a bucket shut for longer than it takes
   * to refill twice.
   */
  adjust(slot: number, delta: number, nowMs: number): void {
    this.take(slot, delta, nowMs);
    const { capacity } = this.current;
    const cells = this.cellsOf(slot);
    const at = this.offsetOf(slot);
    if (cells[at] > capacity) cells[at] = capacity;
    else if (cells[at] < -capacity) cells[at] = -capacity;
  }

  /** Tokens in the slot at `nowMs`; below zero where a surcharge left a debt. */
  tokensIn(slot: number, nowMs: number): number {
    const limit = this.current;
    const cells = this.cellsOf(slot);
    const at = this.offsetOf(slot);
    return tokensAt(limit, cells[at], cells[at + LAST_MS], nowMs);
  }

  /** Writes the tokens that were left after the last take into `into[index]`. */
  writeTokens(slot: number, into: Float64Array, index: number): void {
    into[index] = this.cellsOf(slot)[this.offsetOf(slot)];
  }

  private cellsOf(slot: number): Float64Array {
    return this.parts[slot & this.partMask];
  }

  /** Where the slot's doubles begin in their array. */
  private offsetOf(slot: number): number {
    return (slot >>> this.partBits) * SLOT_DOUBLES;
  }

  /** The instant from which the slot's bucket is full, if nothing is taken meanwhile. */
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
    // Adding less might not move the instant at its end.
    const lastPlace = (Math.abs(nowMs) + waitMs) * Number.EPSILON;
    const step = Math.max(short / limit.tokensPerMs, lastPlace);
    waitMs += Math.max(step, Number.MIN_VALUE);
    short = cost - tokensAt(limit, tokens, lastMs, nowMs + waitMs);
  }
  return waitMs;
}
