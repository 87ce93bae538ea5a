import { COMMON_SLOT } from './buckets.js';

/** Numbers of one entry: both halves of a fingerprint and its slot, side by side in one line of the processor's cache. */
const STRIDE = 3;
const HIGH = 1;
const SLOT = 2;

const FIRST_ENTRIES = 8;
/** The share of the entries that may be in use: half, so that a look seldom goes beyond the first line of cache. */
const MOST_LOAD = 1 / 2;

/**
 * The slots of some fingerprints: a hash table with open addressing and linear
 * probing. An entry is free while its slot is the common one, which belongs to
 * no key.
 */
export class IndexSegment {
  private cells = new Int32Array(FIRST_ENTRIES * STRIDE);
  private mask = FIRST_ENTRIES - 1;
  private used = 0;

  /** Fingerprints that have a slot. */
  get size(): number {
    return this.used;
  }

  /** The slot of a fingerprint, or the common slot. */
  find(low: number, high: number): number {
    const { cells } = this;
    let at = this.homeOf(low);
    for (;;) {
      const slot = cells[at + SLOT];
      if (slot === COMMON_SLOT) return slot;
      if (cells[at] === low && cells[at + HIGH] === high) return slot;
      at = this.after(at);
    }
  }

  /** Gives a slot to a fingerprint that has none. */
  add(low: number, high: number, slot: number): void {
    if (this.used >= (this.mask + 1) * MOST_LOAD) this.grow();
    this.used++;
    this.put(low, high, slot);
  }

  /** Forgets the fingerprint, of which `low` is a half, that has `slot`. */
  delete(low: number, slot: number): void {
    const { cells } = this;
    let hole = this.homeOf(low);
    while (cells[hole + SLOT] !== slot) hole = this.after(hole);
    this.used--;
    // Entries behind the hole move into it where a look would otherwise miss them.
    for (let at = this.after(hole); ; at = this.after(at)) {
      if (cells[at + SLOT] === COMMON_SLOT) break;
      const home = this.homeOf(cells[at]);
      if (this.distance(home, at) < this.distance(hole, at)) continue;
      cells.copyWithin(hole, at, at + STRIDE);
      hole = at;
    }
    cells[hole + SLOT] = COMMON_SLOT;
  }

  private grow(): void {
    const { cells } = this;
    this.mask = this.mask * 2 + 1;
    this.cells = new Int32Array(cells.length * 2);
    for (let at = 0; at < cells.length; at += STRIDE) {
      const slot = cells[at + SLOT];
      if (slot !== COMMON_SLOT) this.put(cells[at], cells[at + HIGH], slot);
    }
  }

  private put(low: number, high: number, slot: number): void {
    const { cells } = this;
    let at = this.homeOf(low);
    while (cells[at + SLOT] !== COMMON_SLOT) at = this.after(at);
    cells[at] = low;
    cells[at + HIGH] = high;
    cells[at + SLOT] = slot;
  }

  private homeOf(low: number): number {
    return (low & this.mask) * STRIDE;
  }

  private after(at: number): number {
    const next = at + STRIDE;
    return next === this.cells.length ? 0 : next;
  }

  private distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.cells.length;
  }
}
