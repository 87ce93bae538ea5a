import { NO_HOLDER } from './refill-wheel.js';

/** Holders of buckets in the order in which they came, each at most once. */
export class HolderQueue {
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

  /** The holder that came first, or NO_HOLDER. */
  get head(): number {
    return this.first;
  }

  push(holder: number): void {
    this.next[holder] = NO_HOLDER;
    if (this.first === NO_HOLDER) this.first = holder;
    else this.next[this.last] = holder;
    this.last = holder;
  }

  /** Takes the head away. */
  shift(): void {
    this.first = this.next[this.first];
  }
}
