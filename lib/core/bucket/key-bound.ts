/** A table of keyed buckets, as the bound that it shares with others sees it. */
export interface BoundTable {
  /** Keys that have a bucket of their own. */
  readonly size: number;
  /** Forgets a bucket that is full; tells whether it found one. */
  forgetFull(nowMs: number): boolean;
}

/** So many tables are asked for a full bucket when there is no place for a newcomer; takes some 20 microseconds where none has any. */
const MOST_ASKED = 1_000;

/**
 * The most keys that have buckets of their own in several tables together.
 *
 * A table takes places only while it holds at most `greed` times as many as are
 * free. So a flood of keys in one table, or in a few, leaves places to those of
 * the others: each gets at most `greed / (greed + 1)` of what those before it left.
 */
export class KeyBound {
  private taken = 0;
  private readonly tables: BoundTable[] = [];
  private turn = 0;

  /**
   * @param greed without it, one table may take all places
   * @throws RangeError when `maxKeys` is no whole number from 1
   */
  constructor(
    readonly maxKeys: number,
    private readonly greed = Infinity,
  ) {
    if (!(Number.isSafeInteger(maxKeys) && maxKeys > 0)) {
      throw new RangeError(
        `maxKeys must be a whole number from 1, not ${maxKeys}`,
      );
    }
  }

  /** Keys that have a bucket, in all tables. */
  get size(): number {
    return this.taken;
  }

  /** Counts a table in, which others may ask for its full buckets. */
  join(table: BoundTable): void {
    this.tables.push(table);
  }

  /** Whether a table may take one more place. */
  hasPlaceFor({ size }: BoundTable): boolean {
    const free = this.maxKeys - this.taken;
    // The first place of a table is never too much, however few are free.
    return free > 0 && (size === 0 || size < free * this.greed);
  }

  /** Takes a place, after `hasPlaceFor`. */
  take(): void {
    this.taken++;
  }

  /** Gives a place back. */
  release(): void {
    this.taken--;
  }

  /** Lets another table forget a full bucket; tells whether there is a place for `table` then. */
  makePlaceFor(table: BoundTable, nowMs: number): boolean {
    const { tables } = this;
    const asked = Math.min(MOST_ASKED, tables.length);
    for (let i = 0; i < asked; i++) {
      this.turn = (this.turn + 1) % tables.length;
      const other = tables[this.turn];
      if (other !== table && other.forgetFull(nowMs)) {
        return this.hasPlaceFor(table);
      }
    }
    return false;
  }
}
