import { BucketLevels } from './bucket-levels.js';
import { BucketLimit } from './bucket-limit.js';
import { Buckets, COMMON_SLOT } from './buckets.js';
import { FullBuckets } from './full-buckets.js';
import { NO_SLOT } from './refill-wheel.js';

/** Keys without a bucket of their own share one. */
const OVERFLOW = COMMON_SLOT;
const FIRST_SLOTS = 16;
/** While there is room, a full bucket is kept this long for a client that comes back. */
const REST_MS = 10_000;

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
  readonly levels: BucketLevels;
  private readonly slots = new Map<string, number>();
  private readonly keys: string[] = [];
  private eviction: FullBuckets | undefined;
  private used = OVERFLOW + 1;
  private room = OVERFLOW + 1;

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
    this.levels = new BucketLevels(limit, this.room);
    this.levels.tokens[OVERFLOW] = limit.capacity;
  }

  /** Keys that have a bucket of their own. */
  get size(): number {
    return this.slots.size;
  }

  find(key: string): number {
    return this.slots.get(key) ?? OVERFLOW;
  }

  take(slot: number, key: string, cost: number, nowMs: number): number {
    if (slot === OVERFLOW) return this.takeAsNewcomer(key, cost, nowMs);
    this.levels.take(slot, cost, nowMs);
    return slot;
  }

  /** Gives `key` a bucket at the overflow's level, or charges the overflow itself when there is no room. */
  private takeAsNewcomer(key: string, cost: number, nowMs: number): number {
    const { levels } = this;
    const slot = this.freeSlot(nowMs);
    if (slot !== OVERFLOW) {
      this.name(slot, key);
      levels.tokens[slot] = levels.tokens[OVERFLOW];
      levels.lastMs[slot] = levels.lastMs[OVERFLOW];
    }
    levels.take(slot, cost, nowMs);
    if (slot !== OVERFLOW) this.eviction?.watch(slot);
    return slot;
  }

  private name(slot: number, key: string): void {
    const own = ownText(key);
    this.slots.set(own, slot);
    this.keys[slot] = own;
  }

  /** A slot that was never used, else that of a full bucket, else more room. */
  private freeSlot(nowMs: number): number {
    this.eviction ??= new FullBuckets(this.levels, nowMs);
    if (this.used < this.room) return this.used++;
    const isAtBound = this.used > this.maxKeys;
    const slot = this.eviction.take(isAtBound ? 0 : REST_MS, nowMs);
    if (slot !== NO_SLOT) {
      this.slots.delete(this.keys[slot]);
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
    this.keys.length = this.room;
  }
}

/** The shortest text that V8 may keep as a window into another. */
const SHORTEST_SLICE = 13;

/** A copy of its own: a key that was cut from a long header would keep all of it alive. */
function ownText(key: string): string {
  if (key.length < SHORTEST_SLICE) return key;
  return JSON.parse(JSON.stringify(key)) as string;
}
