const FIRST_ROOM = 16;
/** Memory is given back when no more than this share of it is used. */
const SMALLEST_USE = 1 / 8;

/** The numbers, from 1, under which the keys of a table have their buckets; one is reused when its key is forgotten. */
export class Holders {
  private used = 1;
  /** Numbers below `used` without a key. */
  private readonly free: number[] = [];
  private most: number;

  /** @param expected how many are about to be taken */
  constructor(expected = 0) {
    this.most = expected === 0 ? 1 : Math.max(FIRST_ROOM, expected * 2);
  }

  /** The number of holders. */
  get size(): number {
    return this.used - 1 - this.free.length;
  }

  /** Numbers are below this. */
  get room(): number {
    return this.most;
  }

  /** Whether there is a number left. */
  get hasIdle(): boolean {
    return this.free.length > 0 || this.used < this.most;
  }

  /** Whether most of the room is unused. */
  get areFew(): boolean {
    return this.most > FIRST_ROOM && this.size < this.most * SMALLEST_USE;
  }

  /** Doubles the room, for at most `mostKeys` holders. */
  grow(mostKeys: number): void {
    const wanted = Math.max(FIRST_ROOM, this.most * 2);
    this.most = Math.min(wanted, mostKeys + 1);
  }

  /** Takes a number; requires `hasIdle`. */
  take(): number {
    return this.free.pop() ?? this.used++;
  }

  /** Returns a number. */
  release(holder: number): void {
    this.free.push(holder);
  }

  /** The numbers that are taken. */
  all(): number[] {
    const free = new Set(this.free);
    const numbers = Array.from({ length: this.used - 1 }, (_, i) => i + 1);
    return numbers.filter((holder) => !free.has(holder));
  }
}
