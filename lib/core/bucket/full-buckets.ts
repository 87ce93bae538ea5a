import { NO_HOLDER, RefillWheel } from './refill-wheel.js';
import { BucketLevels } from './token-bucket.js';

/**
 * How many buckets a new key may visit on the wheel, and in the queue before
 * and after; keeps the worst case near half a millisecond, at a million
 * buckets.
 */
const MOST_LOOKS = 512;

/** Locates the bucket of a holder. */
interface HolderSlots {
  slotOf(holder: number): number;
}

/**
 * Finds the full buckets of a table, those that have been full the longest
 * first, without visiting the others. A wheel returns each bucket when it
 * should be full, and full ones queue until their slot is needed. A bucket that
 * is used in the meantime goes back to the wheel. Each step is paid for by an
 * admission, hence O(1) amortised.
 */
export class FullBuckets {
  private readonly wheel: RefillWheel;
  private readonly full: HolderQueue;

  constructor(
    private readonly levels: BucketLevels,
    private readonly slots: HolderSlots,
    holders: number,
    nowMs: number,
  ) {
    this.wheel = new RefillWheel(levels.limit.refillMs, holders, nowMs);
    this.full = new HolderQueue(holders);
  }

  /** Makes room for `holders` holders. */
  grow(holders: number): void {
    this.wheel.grow(holders);
    this.full.grow(holders);
  }

  /** Starts waiting until the bucket of `holder`, in `slot`, is full. A holder may be watched once at a time. */
  watch(holder: number, slot: number): void {
    this.wheel.schedule(holder, this.levels.fullAtMs(slot));
  }

  /** Removes and returns a holder whose bucket has been full for at least `restMs`, or returns NO_HOLDER. */
  take(restMs: number, nowMs: number): number {
    const queued = this.takeQueued(restMs, nowMs);
    // Buckets in the queue have been full for longer than any that the wheel returns.
    this.queueDue(nowMs);
    return queued === NO_HOLDER ? this.takeQueued(restMs, nowMs) : queued;
  }

  private takeQueued(restMs: number, nowMs: number): number {
    const sinceMs = nowMs - restMs;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const holder = this.full.head;
      if (holder === NO_HOLDER) return NO_HOLDER;
      const slot = this.slots.slotOf(holder);
      if (this.isFull(slot, sinceMs)) {
        this.full.shift();
        return holder;
      }
      if (this.isFull(slot, nowMs)) return NO_HOLDER;
      this.full.shift();
      this.watch(holder, slot);
    }
    return NO_HOLDER;
  }

  /** Moves buckets that are full by now from the wheel to the queue. */
  private queueDue(nowMs: number): void {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const holder = this.wheel.popDue(nowMs);
      if (holder === NO_HOLDER) return;
      const slot = this.slots.slotOf(holder);
      if (this.isFull(slot, nowMs)) this.full.push(holder);
      else this.watch(holder, slot);
    }
  }

  private isFull(slot: number, atMs: number): boolean {
    return this.levels.tokensIn(slot, atMs) >= this.levels.limit.capacity;
  }
}

/** Holders of buckets in order of arrival, each at most once. */
class HolderQueue {
  private first = NO_HOLDER;
  private last = NO_HOLDER;
  private next: Int32Array;

  constructor(holders: number) {
    this.next = new Int32Array(holders);
  }

  /** Makes room for `holders` holders. */
  grow(holders: number): void {
    const next = new Int32Array(holders);
    next.set(this.next);
    this.next = next;
  }

  /** The holder that arrived first, or NO_HOLDER. */
  get head(): number {
    return this.first;
  }

  push(holder: number): void {
    this.next[holder] = NO_HOLDER;
    if (this.first === NO_HOLDER) this.first = holder;
    else this.next[this.last] = holder;
    this.last = holder;
  }

  /** Removes the head. */
  shift(): void {
    this.first = this.next[this.first];
  }
}
