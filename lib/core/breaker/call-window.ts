/** The parts of a window; it drops one at a time. */
export const WINDOW_PARTS = 10;

/**
 * The calls of the last `windowMs`: a ring of partial sums and their total,
 * like resilience4j's time-based window. Adding a call takes constant time,
 * however long the window was idle: once the whole window has passed, it is
 * cleared at once. It reaches back at least nine tenths of `windowMs`, and
 * never further than all of it.
 */
export class CallWindow {
  /** Totals over all parts. */
  calls = 0;
  failures = 0;
  slowCalls = 0;
  private readonly partMs: number;
  private readonly callsIn = new Float64Array(WINDOW_PARTS);
  private readonly failuresIn = new Float64Array(WINDOW_PARTS);
  private readonly slowCallsIn = new Float64Array(WINDOW_PARTS);
  /** The number of the current part, counted from time zero. */
  private part = 0;

  constructor(windowMs: number) {
    this.partMs = windowMs / WINDOW_PARTS;
  }

  /** Adds a call that ended at `nowMs`. */
  add(isFailure: boolean, isSlow: boolean, nowMs: number): void {
    this.moveTo(nowMs);
    const place = this.part % WINDOW_PARTS;
    this.calls++;
    this.callsIn[place]++;
    if (isFailure) {
      this.failures++;
      this.failuresIn[place]++;
    }
    if (isSlow) {
      this.slowCalls++;
      this.slowCallsIn[place]++;
    }
  }

  /** Drops what is older than the window at `nowMs`. */
  moveTo(nowMs: number): void {
    const part = Math.floor(nowMs / this.partMs);
    if (part <= this.part) return;
    if (part - this.part >= WINDOW_PARTS) this.clear();
    else while (this.part < part) this.drop(++this.part % WINDOW_PARTS);
    this.part = part;
  }

  /** Drops everything. */
  clear(): void {
    this.calls = this.failures = this.slowCalls = 0;
    this.callsIn.fill(0);
    this.failuresIn.fill(0);
    this.slowCallsIn.fill(0);
  }

  private drop(place: number): void {
    this.calls -= this.callsIn[place];
    this.failures -= this.failuresIn[place];
    this.slowCalls -= this.slowCallsIn[place];
    this.callsIn[place] = 0;
    this.failuresIn[place] = 0;
    this.slowCallsIn[place] = 0;
  }
}
