import { NO_SLOT } from './refill-wheel.js';

/** Slots in the order in which they came, each at most once. */
export class SlotQueue {
  private first = NO_SLOT;
  private last = NO_SLOT;
  private next: Int32Array;

  constructor(slots: number) {
    this.next = new Int32Array(slots);
  }

  /** Makes room for `slots` slots. */
  grow(slots: number): void {
    const next = new Int32Array(slots);
    next.set(this.next);
    this.next = next;
  }

  /** The slot that came first, or NO_SLOT. */
  get head(): number {
    return this.first;
  }

  push(slot: number): void {
    this.next[slot] = NO_SLOT;
    if (this.first === NO_SLOT) this.first = slot;
    else this.next[this.last] = slot;
    this.last = slot;
  }

  /** Takes the head away. */
  shift(): void {
    this.first = this.next[this.first];
  }
}
