import { BucketLimit } from './bucket-limit.js';
import { Buckets } from './buckets.js';
import { NO_SLOT, RefillWheel } from './refill-wheel.js';
import { tokensAt, waitMsFor } from './token-bucket.js';

/** The slot that answers for every key that has no bucket of its own. */
const OVERFLOW = 0;
const FIRST_SLOTS = 16;
/** The longest a newcomer looks for a full bucket; keeps the worst case near 50 µs. */
const MOST_LOOKS = 1024;

/**
 * Token buckets by key, all under one limit, never more than `maxKeys` of them.
 *
 * A bucket costs two doubles, its key and a link. A full bucket says as much as
 * no bucket at all, so only full ones make room for newcomers and nothing is
 * ever forgotten early. When none is full, newcomers share one overflow bucket;
 * one that gets a bucket of its own later starts at the overflow's level, so
 * that no key ever gains from the move. Decisions are O(1) (amortised) whatever
 * the number of keys; there is no timer.
 */
export class BucketTable implements Buckets {
  private readonly slots = new Map<string, number>();
  private keys: string[] = [];
  private tokens = new Float64Array(0);
  private lastMs = new Float64Array(0);
  private wheel!: RefillWheel;
  private used = 0;

  /** @throws RangeError when `maxKeys` is no whole number from 1 */
  constructor(
    readonly limit: BucketLimit,
    readonly maxKeys: number,
  ) {
    if (!(Number.isSafeInteger(maxKeys) && maxKeys > 0)) {
      throw new RangeError(
        `maxKeys must be a whole number from 1, not ${maxKeys}`,
      );
    }
  }

  /** Keys that have a bucket of their own. */
  get size(): number {
    return this.slots.size;
  }

  find(key: string): number {
    return this.slots.get(key) ?? OVERFLOW;
  }

  waitMs(slot: number, cost: number, nowMs: number): number {
    const untouched = this.used === 0;
    const tokens = untouched ? this.limit.capacity : this.tokens[slot];
    const lastMs = untouched ? nowMs : this.lastMs[slot];
    return waitMsFor(this.limit, tokens, lastMs, cost, nowMs);
  }

  take(slot: number, key: string, cost: number, nowMs: number): number {
    const charged = slot === OVERFLOW ? this.admit(key, nowMs) : slot;
    const left = this.tokensIn(charged, nowMs) - cost;
    this.tokens[charged] = left;
    if (nowMs > this.lastMs[charged]) this.lastMs[charged] = nowMs;
    if (charged !== slot) this.wheel.schedule(charged, this.fullAtMs(charged));
    return left;
  }

  tokensIn(slot: number, nowMs: number): number {
    if (this.used === 0) return this.limit.capacity;
    return tokensAt(this.limit, this.tokens[slot], this.lastMs[slot], nowMs);
  }

  /** Gives `key` a bucket at the overflow's level, or the overflow itself when there is no room. */
  private admit(key: string, nowMs: number): number {
    if (this.used === 0) this.open(nowMs);
    const slot = this.freeSlot(nowMs);
    if (slot === NO_SLOT) return OVERFLOW;
    this.slots.set(key, slot);
    this.keys[slot] = key;
    this.tokens[slot] = this.tokens[OVERFLOW];
    this.lastMs[slot] = this.lastMs[OVERFLOW];
    return slot;
  }

  private freeSlot(nowMs: number): number {
    const emptied = this.evictFull(nowMs);
    if (emptied !== NO_SLOT) return emptied;
    if (this.used > this.maxKeys) return NO_SLOT;
    if (this.used === this.tokens.length) {
      this.resize(Math.min(this.used * 2, this.maxKeys + 1));
    }
    return this.used++;
  }

  private evictFull(nowMs: number): number {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const slot = this.wheel.popDue(nowMs);
      if (slot === NO_SLOT) return NO_SLOT;
      if (this.tokensIn(slot, nowMs) >= this.limit.capacity) {
        this.slots.delete(this.keys[slot]);
        return slot;
      }
      this.wheel.schedule(slot, this.fullAtMs(slot));
    }
    return NO_SLOT;
  }

  private fullAtMs(slot: number): number {
    const missing = this.limit.capacity - this.tokens[slot];
    return this.lastMs[slot] + missing / this.limit.tokensPerMs;
  }

  /** Sets up the arrays with the first key, so that a table nobody uses costs nothing. */
  private open(nowMs: number): void {
    const slots = Math.min(FIRST_SLOTS, this.maxKeys + 1);
    this.wheel = new RefillWheel(this.limit.refillMs, slots, nowMs);
    this.resize(slots);
    this.tokens[OVERFLOW] = this.limit.capacity;
    this.lastMs[OVERFLOW] = nowMs;
    this.used = 1;
  }

  private resize(slots: number): void {
    this.tokens = grown(this.tokens, slots);
    this.lastMs = grown(this.lastMs, slots);
    this.wheel.grow(slots);
    this.keys.length = slots;
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
