/**
 * The shortest duration of recent calls: the minimum over the current period
 * and the one before. After two periods without a response it knows nothing, so
 * that nothing is refused for ever because of old measurements.
 */
export class RecentFastest {
  private presentMs = Infinity;
  private beforeMs = Infinity;
  private endsMs = -Infinity;

  /** @param spanMs the length of a period; a call counts for one to two of them */
  constructor(private readonly spanMs: number) {}

  /** Adds the duration of a call. */
  record(tookMs: number, nowMs: number): void {
    this.turn(nowMs);
    if (tookMs < this.presentMs) this.presentMs = tookMs;
  }

  /** The shortest recent duration, in milliseconds; 0 if unknown. */
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
