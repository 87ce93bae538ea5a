import { HashSecret, IndexSegment, KeyHash } from './key-index.js';

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
