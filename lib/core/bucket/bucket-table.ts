import { BucketLevels } from './bucket-levels.js';
import { BucketLimit } from './bucket-limit.js';
import { Buckets, COMMON_SLOT } from './buckets.js';
import { FullBuckets } from './full-buckets.js';
import { hashSecret, HashSecret } from './key-hash.js';
import { NO_HOLDER } from './refill-wheel.js';
import { SlotIndex } from './slot-index.js';

/** Keys without a bucket of their own share one. */
const OVERFLOW = COMMON_SLOT;
const FIRST_HOLDERS = 16;
/** While there is room, a full bucket is kept this long for a client that comes back. */
const REST_MS = 10_000;

/**
 * Token buckets by key, all under one limit, never more than `maxKeys` of them.
 *
 * Buckets lie in the index by which they are found; keys are not kept (see
 * `SlotIndex`). A full bucket says as much as no bucket at all, so only full
 * ones make room for newcomers and nothing is ever forgotten early. When none
 * is full, newcomers share one overflow bucket; one that gets a bucket of its
 * own later starts at the overflow's level, so that no key ever gains from the
 * move. Decisions are O(1) (amortised) whatever the number of keys; there is no
 * timer.
 */
export class BucketTable implements Buckets {
  readonly levels: BucketLevels;
  private readonly slots: SlotIndex;
  private eviction: FullBuckets | undefined;
  /** Holders are numbers from 1, used again for another key when theirs is forgotten. */
  private used = 1;
  private room = 1;

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
    this.levels = new BucketLevels(limit, this.slots.parts);
    this.levels.set(OVERFLOW, limit.capacity, 0);
  }

  get limit(): BucketLimit {
    return this.levels.limit;
  }

  /** One look at every bucket: those that fill faster or slower now are full at other instants. */
  relimit(limit: BucketLimit, nowMs: number): void {
    this.levels.relimit(limit, nowMs);
    if (!this.eviction) return;
    this.eviction = this.newEviction(nowMs);
    for (let holder = 1; holder < this.used; holder++) {
      this.eviction.watch(holder, this.slots.slotOf(holder));
    }
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

  /** A bucket for `key` at the overflow's level, or the overflow itself when there is no room. */
  private newcomerSlot(key: string, holder: number): number {
    if (holder === NO_HOLDER) return OVERFLOW;
    const slot = this.slots.add(key, holder);
    this.levels.copy(OVERFLOW, slot);
    return slot;
  }

  private watch(holder: number, slot: number): void {
    if (holder !== NO_HOLDER) this.eviction?.watch(holder, slot);
  }

  /** A holder that never had a bucket, else that of a full bucket, which is forgotten, else one more. */
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
