/**
 * The least that calls took of late: the minimum of the present span of time
 * and the one before. Where no call was answered for that long it knows
 * nothing, so that nothing is refused for ever because of what once was.
 */
export class RecentFastest {
  private presentMs = Infinity;
  private beforeMs = Infinity;
  private endsMs = -Infinity;

  /** @param spanMs how long a span is; a call counts for one to two of them */
  constructor(private readonly spanMs: number) {}

  /** Takes note of how long a call took. */
  record(tookMs: number, nowMs: number): void {
    this.turn(nowMs);
    if (tookMs < this.presentMs) this.presentMs = tookMs;
  }

  /** The least of late; 0 where nothing is known. */
  leastMs(nowMs: number): number {
    this.turn(nowMs);
    const least = Math.min(this.presentMs, this.beforeMs);
    return least === Infinity ? 0 : least;
  }

  private turn(nowMs: number): void {
    if (nowMs < this.endsMs) return;
    const isNext = nowMs < this.endsMs + this.spanMs;
    this.beforeMs = isNext ? this.presentMs : Infinity;
    this.presentMs = Infinity;
    this.endsMs = isNext ? this.endsMs + this.spanMs : nowMs + this.spanMs;
  }
}
