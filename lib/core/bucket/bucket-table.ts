import { BucketLimit } from './bucket-limit.js';
import { FullBuckets } from './full-buckets.js';
import { KeyBound } from './key-bound.js';
import { HashSecret, hashSecret } from './key-index.js';
import { NO_HOLDER } from './refill-wheel.js';
import { SlotIndex } from './slot-index.js';
import { BucketLevels, Buckets, COMMON_SLOT } from './token-bucket.js';

/** Keys without their own bucket share one. */
const OVERFLOW = COMMON_SLOT;
const FIRST_HOLDERS = 16;
/** While there is room, a full bucket is kept this long for a client that returns. */
const REST_MS = 10_000;
/** A table is made smaller when it uses no more than this share of its memory. */
const SMALLEST_USE = 1 / 8;

/**
 * Token buckets by key, all under one limit, and at most `maxKeys` of them.
 *
 * Buckets are stored in the index that finds them; keys aren't stored (see
 * `SlotIndex`). A full bucket says as much as none, so only full buckets make
 * room for new keys, and none is forgotten early. If no bucket is full, new
 * keys share one overflow bucket. A key that later gets its own bucket starts
 * at the overflow's level, so that no key gains by the move. Decisions are O(1)
 * (amortised) whatever the number of keys; there is no timer.
 *
 * Tables can share a bound: if there is no room for a new key in one of them,
 * another forgets a full bucket. A table releases memory with its keys.
 */
export class BucketTable implements Buckets {
  private inUse: BucketLevels;
  private slots: SlotIndex;
  private eviction: FullBuckets | undefined;
  /** Holders are numbers from 1, reused when their key is forgotten. */
  private used = 1;
  private room = 1;
  /** Holders below `used` without a key. */
  private free: number[] = [];
  private readonly bound: KeyBound;

  /**
   * @param maxKeys the maximum number of keys, or a bound that several tables share
   * @param secret of the index of keys, from `Math.random` by default; if
   *   callers choose their keys, pass one they can't guess
   * @throws RangeError if `maxKeys` isn't a whole number from 1
   */
  constructor(
    limit: BucketLimit,
    maxKeys: number | KeyBound,
    private readonly secret: HashSecret = hashSecret(),
  ) {
    this.bound = typeof maxKeys === 'number' ? new KeyBound(maxKeys) : maxKeys;
    this.slots = new SlotIndex(this.maxKeys, secret);
    this.inUse = new BucketLevels(limit, this.slots.parts);
    this.inUse.set(OVERFLOW, limit.capacity, 0);
  }

  get maxKeys(): number {
    return this.bound.maxKeys;
  }

  get levels(): BucketLevels {
    return this.inUse;
  }

  get limit(): BucketLimit {
    return this.inUse.limit;
  }

  /** Visits every bucket: those that now fill faster or slower are full at other instants. */
  relimit(limit: BucketLimit, nowMs: number): void {
    this.inUse.relimit(limit, nowMs);
    if (!this.eviction) return;
    const eviction = this.newEviction(nowMs);
    for (const holder of this.holders()) {
      eviction.watch(holder, this.slots.slotOf(holder));
    }
    this.eviction = eviction;
  }

  /** Keys with their own bucket. */
  get size(): number {
    return this.used - 1 - this.free.length;
  }

  find(key: string): number {
    return this.slots.find(key);
  }

  take(slot: number, key: string, cost: number, nowMs: number): number {
    if (slot === OVERFLOW) return this.takeAsNewcomer(key, cost, nowMs);
    this.inUse.take(slot, cost, nowMs);
    return slot;
  }

  /** A forgotten bucket was full, so there is nothing to refund; a surcharge creates a new one. */
  adjust(key: string, delta: number, nowMs: number): void {
    const known = this.find(key);
    if (known !== OVERFLOW) {
      this.inUse.adjust(known, delta, nowMs);
    } else if (delta > 0) {
      const holder = this.freeHolder(nowMs);
      const slot = this.newcomerSlot(key, holder);
      this.inUse.adjust(slot, delta, nowMs);
      this.watch(holder, slot);
    }
  }

  /** Gives the place of a full bucket to the tables that share the bound; tells whether there was one. */
  forgetFull(nowMs: number): boolean {
    const holder = this.eviction?.take(0, nowMs) ?? NO_HOLDER;
    if (holder === NO_HOLDER) return false;
    this.slots.delete(holder);
    this.free.push(holder);
    this.bound.release();
    const isLarge = this.room > FIRST_HOLDERS;
    if (isLarge && this.size < this.room * SMALLEST_USE) this.shrink(nowMs);
    return true;
  }

  private takeAsNewcomer(key: string, cost: number, nowMs: number): number {
    const holder = this.freeHolder(nowMs);
    const slot = this.newcomerSlot(key, holder);
    this.inUse.take(slot, cost, nowMs);
    this.watch(holder, slot);
    return slot;
  }

  /** A bucket for `key` at the overflow's level, or the overflow itself if there is no room. */
  private newcomerSlot(key: string, holder: number): number {
    if (holder === NO_HOLDER) return OVERFLOW;
    const slot = this.slots.add(key, holder);
    this.inUse.copy(OVERFLOW, slot);
    return slot;
  }

  private watch(holder: number, slot: number): void {
    if (holder !== NO_HOLDER) this.eviction?.watch(holder, slot);
  }

  /** A holder without a bucket, else the holder of a full bucket, which is forgotten, else one more. */
  private freeHolder(nowMs: number): number {
    const { bound } = this;
    if (!this.eviction) bound.join(this);
    this.eviction ??= this.newEviction(nowMs);
    const hasPlace = bound.hasPlaceFor(this);
    if (hasPlace && this.hasIdleHolder()) return this.newHolder();
    const holder = this.eviction.take(hasPlace ? REST_MS : 0, nowMs);
    if (holder !== NO_HOLDER) {
      this.slots.delete(holder);
      return holder;
    }
    if (!hasPlace && !bound.makePlaceFor(this, nowMs)) return NO_HOLDER;
    if (!this.hasIdleHolder()) this.makeRoom(this.eviction);
    return this.newHolder();
  }

  private hasIdleHolder(): boolean {
    return this.free.length > 0 || this.used < this.room;
  }

  private newHolder(): number {
    this.bound.take();
    return this.free.pop() ?? this.used++;
  }

  private holders(): number[] {
    const free = new Set(this.free);
    const all = Array.from({ length: this.used - 1 }, (_, i) => i + 1);
    return free.size === 0 ? all : all.filter((holder) => !free.has(holder));
  }

  private newEviction(nowMs: number): FullBuckets {
    return new FullBuckets(this.inUse, this.slots, this.room, nowMs);
  }

  private makeRoom(eviction: FullBuckets): void {
    const holders = Math.max(FIRST_HOLDERS, this.room * 2);
    this.room = Math.min(holders, this.maxKeys + 1);
    eviction.grow(this.room);
    this.slots.grow(this.room);
  }

  /** Moves the buckets that are left into memory of their size. */
  private shrink(nowMs: number): void {
    const { slots, inUse, limit } = this;
    const holders = this.holders();
    this.room = Math.max(FIRST_HOLDERS, holders.length * 2);
    this.slots = new SlotIndex(this.maxKeys, this.secret);
    this.slots.grow(this.room);
    this.inUse = new BucketLevels(limit, this.slots.parts);
    this.inUse.copyFrom(inUse, OVERFLOW, OVERFLOW);
    const eviction = this.newEviction(nowMs);
    holders.forEach((former, i) => {
      const holder = i + 1;
      const slot = this.slots.adopt(slots, former, holder);
      this.inUse.copyFrom(inUse, slots.slotOf(former), slot);
      eviction.watch(holder, slot);
    });
    this.used = holders.length + 1;
    this.free = [];
    this.eviction = eviction;
  }
}
