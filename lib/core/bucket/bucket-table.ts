import { BucketLevels } from './bucket-levels.js';
import { BucketLimit } from './bucket-limit.js';
import { Buckets, COMMON_SLOT } from './buckets.js';
import { FullBuckets } from './full-buckets.js';
import { hashSecret, HashSecret } from './key-hash.js';
import { NO_SLOT } from './refill-wheel.js';
import { SlotIndex } from './slot-index.js';

/** Keys without a bucket of their own share one. */
const OVERFLOW = COMMON_SLOT;
const FIRST_SLOTS = 16;
/** While there is room, a full bucket is kept this long for a client that comes back. */
const REST_MS = 10_000;

/**
 * Token buckets by key, all under one limit, never more than `maxKeys` of them.
 *
 * A bucket costs two doubles, two links and an entry of the index; its key is
 * not kept (see `SlotIndex`). A full bucket says as much as no bucket at all, so
 * only full ones make room for newcomers and nothing is ever forgotten early. When none is full, newcomers share one overflow bucket;
 * one that gets a bucket of its own later starts at the overflow's level, so
 * that no key ever gains from the move. Decisions are O(1) (amortised) whatever
 * the number of keys; there is no timer.
 */
export class BucketTable implements Buckets {
  readonly levels: BucketLevels;
  private readonly slots: SlotIndex;
  private eviction: FullBuckets | undefined;
  private used = OVERFLOW + 1;
  private room = OVERFLOW + 1;

  /**
   * @param secret of the index of keys, drawn from `Math.random` by default; where callers choose their keys, one that they cannot guess
   * @throws RangeError when `maxKeys` is no whole number from 1
   */
  constructor(
    limit: BucketLimit,
    readonly maxKeys: number,
    secret: HashSecret = hashSecret(),
  ) {
    if (!(Number.isSafeInteger(maxKeys) && maxKeys > 0)) {
      throw new RangeError(
        `maxKeys must be a whole number from 1, not ${maxKeys}`,
      );
    }
    this.slots = new SlotIndex(maxKeys, secret);
    this.levels = new BucketLevels(limit, this.room);
    this.levels.set(OVERFLOW, limit.capacity, 0);
  }

  get limit(): BucketLimit {
    return this.levels.limit;
  }

  /** One look at every bucket: those that fill faster or slower now are full at other instants. */
  relimit(limit: BucketLimit, nowMs: number): void {
    this.levels.relimit(limit, nowMs);
    if (!this.eviction) return;
    this.eviction = new FullBuckets(this.levels, nowMs);
    for (let slot = OVERFLOW + 1; slot < this.used; slot++) this.watch(slot);
  }

  /** Keys that have a bucket of their own. */
  get size(): number {
    return this.slots.size;
  }

  find(key: string): number {
    return this.slots.find(key);
  }

  take(slot: number, key: string, cost: number, nowMs: number): number {
    if (slot === OVERFLOW) return this.takeAsNewcomer(key, cost, nowMs);
    this.levels.take(slot, cost, nowMs);
    return slot;
  }

  /** A key whose bucket was forgotten was full, so there is nothing to give back; a surcharge finds it a new one. */
  adjust(key: string, delta: number, nowMs: number): void {
    const known = this.find(key);
    if (known !== OVERFLOW) {
      this.levels.adjust(known, delta, nowMs);
    } else if (delta > 0) {
      const slot = this.newcomerSlot(key, nowMs);
      this.levels.adjust(slot, delta, nowMs);
      this.watch(slot);
    }
  }

  private takeAsNewcomer(key: string, cost: number, nowMs: number): number {
    const slot = this.newcomerSlot(key, nowMs);
    this.levels.take(slot, cost, nowMs);
    this.watch(slot);
    return slot;
  }

  /** A bucket for `key` at the overflow's level, or the overflow itself when there is no room. */
  private newcomerSlot(key: string, nowMs: number): number {
    const slot = this.freeSlot(nowMs);
    if (slot === OVERFLOW) return OVERFLOW;
    this.slots.add(key, slot);
    this.levels.copy(OVERFLOW, slot);
    return slot;
  }

  private watch(slot: number): void {
    if (slot !== OVERFLOW) this.eviction?.watch(slot);
  }

  /** A slot that was never used, else that of a full bucket, else more room. */
  private freeSlot(nowMs: number): number {
    this.eviction ??= new FullBuckets(this.levels, nowMs);
    if (this.used < this.room) return this.used++;
    const isAtBound = this.used > this.maxKeys;
    const slot = this.eviction.take(isAtBound ? 0 : REST_MS, nowMs);
    if (slot !== NO_SLOT) {
      this.slots.delete(slot);
      return slot;
    }
    if (isAtBound) return OVERFLOW;
    this.makeRoom(this.eviction);
    return this.used++;
  }

  private makeRoom(eviction: FullBuckets): void {
    const slots = Math.max(FIRST_SLOTS, this.room * 2);
    this.room = Math.min(slots, this.maxKeys + 1);
    this.levels.grow(this.room);
    eviction.grow(this.room);
    this.slots.grow(this.room);
  }
}
