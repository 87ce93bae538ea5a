import { BucketLevels } from './bucket-levels.js';
import { NO_SLOT, RefillWheel } from './refill-wheel.js';
import { SlotQueue } from './slot-queue.js';

/** How many buckets a newcomer looks at on the wheel, and in the queue before and after; keeps the worst case near 150 µs. */
const MOST_LOOKS = 1024;

/**
 * Finds the buckets of a table that are full, those that have been for longest
 * first, without looking at the others: a wheel brings up each bucket once it
 * should be full, and those that are wait in a queue until their place is
 * needed. One that is used meanwhile goes back to the wheel. Each step is paid
 * for by an admission, hence O(1) amortised.
 */
export class FullBuckets {
  private readonly wheel: RefillWheel;
  private readonly full: SlotQueue;

  constructor(
    private readonly levels: BucketLevels,
    nowMs: number,
  ) {
    const { slots } = levels;
    this.wheel = new RefillWheel(levels.limit.refillMs, slots, nowMs);
    this.full = new SlotQueue(slots);
  }

  /** Makes room for `slots` slots. */
  grow(slots: number): void {
    this.wheel.grow(slots);
    this.full.grow(slots);
  }

  /** Begins to wait until the slot's bucket is full. A slot may be watched once at a time. */
  watch(slot: number): void {
    this.wheel.schedule(slot, this.levels.fullAtMs(slot));
  }

  /** Takes away a slot whose bucket has been full for at least `restMs`, or returns NO_SLOT. */
  take(restMs: number, nowMs: number): number {
    const queued = this.takeQueued(restMs, nowMs);
    // Those that wait in the queue have been full for longer than any that the wheel brings up.
    this.queueDue(nowMs);
    return queued === NO_SLOT ? this.takeQueued(restMs, nowMs) : queued;
  }

  private takeQueued(restMs: number, nowMs: number): number {
    const sinceMs = nowMs - restMs;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const slot = this.full.head;
      if (slot === NO_SLOT) return NO_SLOT;
      if (this.isFull(slot, sinceMs)) {
        this.full.shift();
        return slot;
      }
      if (this.isFull(slot, nowMs)) return NO_SLOT;
      this.full.shift();
      this.watch(slot);
    }
    return NO_SLOT;
  }

  /** Moves what is full by now from the wheel to the queue. */
  private queueDue(nowMs: number): void {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const slot = this.wheel.popDue(nowMs);
      if (slot === NO_SLOT) return;
      if (this.isFull(slot, nowMs)) this.full.push(slot);
      else this.watch(slot);
    }
  }

  private isFull(slot: number, atMs: number): boolean {
    return this.levels.tokensIn(slot, atMs) >= this.levels.limit.capacity;
  }
}
