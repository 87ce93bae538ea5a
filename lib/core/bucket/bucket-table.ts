import { BucketLimit } from './bucket-limit.js';
import { FullBuckets } from './full-buckets.js';
import { KeyBound } from './key-bound.js';
import { Holders } from './holders.js';
import { HashSecret, hashSecret, IndexSegment, KeyHash } from './key-index.js';
import { NO_HOLDER } from './refill-wheel.js';
import { BucketLevels, Buckets, COMMON_SLOT } from './token-bucket.js';

/** Keys without their own bucket share one. */
const OVERFLOW = COMMON_SLOT;
/** While there is room, a full bucket is kept this long for a client that returns. */
const REST_MS = 10_000;

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
  private holders = new Holders();
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
    for (const holder of this.holders.all()) {
      eviction.watch(holder, this.slots.slotOf(holder));
    }
    this.eviction = eviction;
  }

  /** Keys with their own bucket. */
  get size(): number {
    return this.holders.size;
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
    this.holders.release(holder);
    this.bound.release();
    if (this.holders.areFew) this.shrink(nowMs);
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
    this.inUse.copyFrom(this.inUse, OVERFLOW, slot);
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
    if (hasPlace && this.holders.hasIdle) return this.newHolder();
    const holder = this.eviction.take(hasPlace ? REST_MS : 0, nowMs);
    if (holder !== NO_HOLDER) {
      this.slots.delete(holder);
      return holder;
    }
    if (!hasPlace && !bound.makePlaceFor(this, nowMs)) return NO_HOLDER;
    if (!this.holders.hasIdle) this.makeRoom(this.eviction);
    return this.newHolder();
  }

  private newHolder(): number {
    this.bound.take();
    return this.holders.take();
  }

  private newEviction(nowMs: number): FullBuckets {
    return new FullBuckets(this.inUse, this.slots, this.holders.room, nowMs);
  }

  private makeRoom(eviction: FullBuckets): void {
    const { holders } = this;
    holders.grow(this.maxKeys);
    eviction.grow(holders.room);
    this.slots.grow(holders.room);
  }

  /** Moves the buckets that are left into memory of their size. */
  private shrink(nowMs: number): void {
    const { slots, inUse, limit } = this;
    const former = this.holders.all();
    this.holders = new Holders(former.length);
    this.slots = new SlotIndex(this.maxKeys, this.secret);
    this.slots.grow(this.holders.room);
    this.inUse = new BucketLevels(limit, this.slots.parts);
    this.inUse.copyFrom(inUse, OVERFLOW, OVERFLOW);
    const eviction = this.newEviction(nowMs);
    for (const one of former) {
      const holder = this.holders.take();
      const slot = this.slots.adopt(slots, one, holder);
      this.inUse.copyFrom(inUse, slots.slotOf(one), slot);
      eviction.watch(holder, slot);
    }
    this.eviction = eviction;
  }
}

/** The number of keys a segment is meant to hold. It moves all of them when it grows, within about four milliseconds. */
const KEYS_OF_A_SEGMENT = 65_536;
/** More segments would leave too few bits of a hash to locate a key within its segment. */
const MOST_SEGMENTS = 1_024;

/**
 * The slot of each key, in as many segments as the bound needs, so that no
 * segment grows so large that a caller waits for its growth. A slot is a
 * position in a segment and moves when others come and go; the number of its
 * holder doesn't change.
 *
 * Keys aren't stored: a key is known by its 64-bit hash, under a secret, so
 * that nobody can target the slot of another key, or crowd one position of the
 * index with many keys. The chance that any two of a million keys have the same
 * hash, and then share a slot, is 3 in 100 million.
 */
export class SlotIndex {
  /** The doubles of each segment, at its current size. */
  private readonly cells: Float64Array[];
  private readonly hash: KeyHash;
  private readonly segments: readonly IndexSegment[];
  private readonly mask: number;
  /** Both halves of the hash of each holder's key. */
  private prints = new Int32Array(0);

  constructor(maxKeys: number, secret: HashSecret) {
    let count = 1;
    while (count * KEYS_OF_A_SEGMENT < maxKeys && count < MOST_SEGMENTS) {
      count *= 2;
    }
    const bits = Math.log2(count);
    this.hash = new KeyHash(secret);
    this.segments = Array.from(
      { length: count },
      (_, part) => new IndexSegment(part, bits, maxKeys / count),
    );
    this.cells = this.segments.map(({ cells }) => cells);
    this.mask = count - 1;
  }

  /** Makes room for `holders` holders. */
  grow(holders: number): void {
    const prints = new Int32Array(holders * 2);
    prints.set(this.prints);
    this.prints = prints;
  }

  /** Keys with a slot. */
  get size(): number {
    return this.sizes().reduce((sum, size) => sum + size, 0);
  }

  /** The number of keys in each segment. */
  sizes(): number[] {
    return this.segments.map(({ size }) => size);
  }

  /** The doubles of all slots, for `BucketLevels`. */
  get parts(): readonly Float64Array[] {
    return this.cells;
  }

  /** The slot of `key`, or the common slot. */
  find(key: string): number {
    const { hash } = this;
    hash.read(key);
    return this.segmentOf(hash.low).find(hash.low, hash.high);
  }

  /** Assigns a slot to a key without one, held by `holder`, who has no other. */
  add(key: string, holder: number): number {
    const { hash } = this;
    hash.read(key);
    return this.addPrint(hash.low, hash.high, holder);
  }

  /** Assigns a slot to the key of a holder in another index of the same secret. */
  adopt(from: SlotIndex, former: number, holder: number): number {
    const low = from.prints[former * 2];
    const high = from.prints[former * 2 + 1];
    return this.addPrint(low, high, holder);
  }

  private addPrint(low: number, high: number, holder: number): number {
    const segment = this.segmentOf(low);
    const slot = segment.add(low, high);
    this.cells[low & this.mask] = segment.cells;
    this.prints[holder * 2] = low;
    this.prints[holder * 2 + 1] = high;
    return slot;
  }

  /** Forgets the key of `holder`. */
  delete(holder: number): void {
    const low = this.prints[holder * 2];
    this.segmentOf(low).delete(low, this.prints[holder * 2 + 1]);
  }

  /** The current slot of `holder`. */
  slotOf(holder: number): number {
    const low = this.prints[holder * 2];
    return this.segmentOf(low).find(low, this.prints[holder * 2 + 1]);
  }

  private segmentOf(low: number): IndexSegment {
    return this.segments[low & this.mask];
  }
}
