/** No holder: holders of buckets are numbers from 0. */
export const NO_HOLDER = -1;

/** A power of two, so that a mask finds the spoke of any instant. */
const SPOKES = 256;
const SPOKE_MASK = SPOKES - 1;
/** Spokes are counted as whole numbers; finer ones would exceed 2^53 and stop advancing (2^-10 ms lasts for 278 years). */
const FINEST_SPOKE_MS = 2 ** -10;

/**
 * Reports which buckets of a table are full by now, without a timer and without
 * visiting the others: a timing wheel over the instants at which buckets fill.
 *
 * A bucket without a debt fills within the limit's refill time, so one turn of
 * the wheel covers all of them. A bucket that was charged again after it was
 * scheduled, or is deep in debt, comes up early, and the table schedules it
 * again. Each such visit is paid for by an admission, hence O(1) amortised. A
 * full bucket comes up at most one spoke (1/254 of the refill time, or a
 * microsecond) late.
 */
export class RefillWheel {
  private readonly spokeMs: number;
  private readonly heads = new Int32Array(SPOKES).fill(NO_HOLDER);
  private next: Int32Array;
  private spoke: number;
  private due = NO_HOLDER;

  constructor(refillMs: number, holders: number, nowMs: number) {
    // Two spare spokes: the one being emptied, and the one that rounding may reach.
    this.spokeMs = Math.max(refillMs / (SPOKES - 2), FINEST_SPOKE_MS);
    this.next = new Int32Array(holders);
    // Before that of now, so that what is full already comes up at once.
    this.spoke = Math.floor(nowMs / this.spokeMs) - 1;
  }

  /** Makes room for `holders` holders. */
  grow(holders: number): void {
    const next = new Int32Array(holders);
    next.set(this.next);
    this.next = next;
  }

  /** Makes `holder` come up once `fullAtMs` has passed. A holder may be scheduled once at a time. */
  schedule(holder: number, fullAtMs: number): void {
    const spoke = Math.floor(fullAtMs / this.spokeMs);
    // What is full already must not wait for a whole turn.
    const head = Math.max(spoke, this.spoke) & SPOKE_MASK;
    this.next[holder] = this.heads[head];
    this.heads[head] = holder;
  }

  /** Removes and returns the next holder that is due, or returns NO_HOLDER. */
  popDue(nowMs: number): number {
    if (this.due === NO_HOLDER) this.turn(nowMs);
    const holder = this.due;
    if (holder !== NO_HOLDER) this.due = this.next[holder];
    return holder;
  }

  /**
   * Advances to the next spoke that has holders and removes all of them. A
   * holder scheduled while they wait may land on the same spoke, one turn
   * ahead: it must not come up before its turn.
   */
  private turn(nowMs: number): void {
    const nowSpoke = Math.floor(nowMs / this.spokeMs);
    if (this.spoke < nowSpoke - SPOKES) this.spoke = nowSpoke - SPOKES;
    while (this.due === NO_HOLDER && this.spoke < nowSpoke) {
      const head = this.spoke & SPOKE_MASK;
      this.due = this.heads[head];
      this.heads[head] = NO_HOLDER;
      this.spoke++;
    }
  }
}
