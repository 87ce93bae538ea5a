import { IndexSegment } from './index-segment.js';
import { KeyHash, HashSecret } from './key-hash.js';

/** Bits of a hash that say where in its segment a key is looked for; those above say in which segment. */
const HOME_BITS = 16;
/** The keys that one segment is meant to hold: less than half of its places, so that chance does not make it outgrow them. It moves all of them when it grows, within a millisecond. */
const KEYS_OF_A_SEGMENT = 30_000;

/**
 * The slot of each key, in as many segments as the bound asks for, so that no
 * segment ever grows so large that a caller waits while it does.
 *
 * Keys are not kept: a key is known by its hash of 64 bits, under a secret, so
 * that nobody can aim at the slot of another key, or with many keys at one place
 * of the index. That any two of a million keys have the same hash by chance, and
 * then share a slot, has a probability of 3 in 100 million.
 */
export class SlotIndex {
  private readonly hash: KeyHash;
  private readonly segments: readonly IndexSegment[];
  private readonly mask: number;
  /** The lower half of the hash by which each slot's key was added. */
  private lows = new Int32Array(0);

  constructor(maxKeys: number, secret: HashSecret) {
    let count = 1;
    while (count * KEYS_OF_A_SEGMENT < maxKeys) count *= 2;
    this.hash = new KeyHash(secret);
    this.segments = Array.from({ length: count }, () => new IndexSegment());
    this.mask = count - 1;
  }

  /** Makes room for `slots` slots. */
  grow(slots: number): void {
    const lows = new Int32Array(slots);
    lows.set(this.lows);
    this.lows = lows;
  }

  /** Keys that have a slot. */
  get size(): number {
    return this.sizes().reduce((sum, size) => sum + size, 0);
  }

  /** Keys in each of the segments. */
  sizes(): number[] {
    return this.segments.map(({ size }) => size);
  }

  /** The slot of `key`, or the common slot. */
  find(key: string): number {
    const { hash } = this;
    hash.read(key);
    return this.segmentOf(hash.low).find(hash.low, hash.high);
  }

  /** Gives a slot, which is not the common one, to a key that has none. */
  add(key: string, slot: number): void {
    const { hash } = this;
    hash.read(key);
    this.segmentOf(hash.low).add(hash.low, hash.high, slot);
    this.lows[slot] = hash.low;
  }

  /** Forgets the key that has `slot`. */
  delete(slot: number): void {
    const low = this.lows[slot];
    this.segmentOf(low).delete(low, slot);
  }

  private segmentOf(low: number): IndexSegment {
    return this.segments[(low >>> HOME_BITS) & this.mask];
  }
}
