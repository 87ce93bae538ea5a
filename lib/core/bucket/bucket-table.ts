import { BucketLimit } from './bucket-limit.js';
import { FullBuckets } from './full-buckets.js';
import { HashSecret, hashSecret, IndexSegment, KeyHash } from './key-index.js';
import { NO_HOLDER } from './refill-wheel.js';
import { BucketLevels, Buckets, COMMON_SLOT } from './token-bucket.js';

/** Keys without their own bucket share one. */
const OVERFLOW = COMMON_SLOT;
const FIRST_HOLDERS = 16;
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
 */
export class BucketTable implements Buckets {
  readonly levels: BucketLevels;
  private readonly slots: SlotIndex;
  private eviction: FullBuckets | undefined;
  /** Holders are numbers from 1, reused when their key is forgotten. */
  private used = 1;
  private room = 1;

  /**
   * @param secret of the index of keys, from `Math.random` by default; if
   *   callers choose their keys, pass one they can't guess
   * @throws RangeError if `maxKeys` isn't a whole number from 1
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
    this.levels = new BucketLevels(limit, this.slots.parts);
    this.levels.set(OVERFLOW, limit.capacity, 0);
  }

  get limit(): BucketLimit {
    return this.levels.limit;
  }

  /** Visits every bucket: those that now fill faster or slower are full at other instants. */
  relimit(limit: BucketLimit, nowMs: number): void {
    this.levels.relimit(limit, nowMs);
    if (!this.eviction) return;
    this.eviction = this.newEviction(nowMs);
    for (let holder = 1; holder < this.used; holder++) {
      this.eviction.watch(holder, this.slots.slotOf(holder));
    }
  }

  /** Keys with their own bucket. */
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

  /** A forgotten bucket was full, so there is nothing to refund; a surcharge creates a new one. */
  adjust(key: string, delta: number, nowMs: number): void {
    const known = this.find(key);
    if (known !== OVERFLOW) {
      this.levels.adjust(known, delta, nowMs);
    } else if (delta > 0) {
      const holder = this.freeHolder(nowMs);
      const slot = this.newcomerSlot(key, holder);
      this.levels.adjust(slot, delta, nowMs);
      this.watch(holder, slot);
    }
  }

  private takeAsNewcomer(key: string, cost: number, nowMs: number): number {
    const holder = this.freeHolder(nowMs);
    const slot = this.newcomerSlot(key, holder);
    this.levels.take(slot, cost, nowMs);
    this.watch(holder, slot);
    return slot;
  }

  /** A bucket for `key` at the overflow's level, or the overflow itself if there is no room. */
  private newcomerSlot(key: string, holder: number): number {
    if (holder === NO_HOLDER) return OVERFLOW;
    const slot = this.slots.add(key, holder);
    this.levels.copy(OVERFLOW, slot);
    return slot;
  }

  private watch(holder: number, slot: number): void {
    if (holder !== NO_HOLDER) this.eviction?.watch(holder, slot);
  }

  /** A holder that never had a bucket, else the holder of a full bucket, which is forgotten, else one more. */
  private freeHolder(nowMs: number): number {
    this.eviction ??= this.newEviction(nowMs);
    if (this.used < this.room) return this.used++;
    const isAtBound = this.used > this.maxKeys;
    const holder = this.eviction.take(isAtBound ? 0 : REST_MS, nowMs);
    if (holder !== NO_HOLDER) {
      this.slots.delete(holder);
      return holder;
    }
    if (isAtBound) return NO_HOLDER;
    this.makeRoom(this.eviction);
    return this.used++;
  }

  private newEviction(nowMs: number): FullBuckets {
    return new FullBuckets(this.levels, this.slots, this.room, nowMs);
  }

  private makeRoom(eviction: FullBuckets): void {
    const holders = Math.max(FIRST_HOLDERS, this.room * 2);
    this.room = Math.min(holders, this.maxKeys + 1);
    eviction.grow(this.room);
    this.slots.grow(this.room);
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
    const { low, high } = hash;
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
