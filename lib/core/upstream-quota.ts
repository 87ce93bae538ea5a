/**
 * What a backend itself has said about how often it may be asked: not at all
 * until some instant, or so many times more until its window ends. It only ever
 * takes away from what is configured, and what it says ends by itself.
 */
export class UpstreamQuota {
  private pausedUntilMs = -Infinity;
  private windowEndsMs = -Infinity;
  private left = 0;
  private taken = 0;
  private heardOf = 0;

  /** The number of the last call that was let through. */
  get lastCall(): number {
    return this.taken;
  }

  /** Milliseconds until a call may be sent; 0 now. */
  waitMs(nowMs: number): number {
    const untilMs =
      this.left > 0
        ? this.pausedUntilMs
        : Math.max(this.pausedUntilMs, this.windowEndsMs);
    return untilMs > nowMs ? untilMs - nowMs : 0;
  }

  /** Lets one call through, which `waitMs` allowed. */
  take(): void {
    this.taken++;
    this.left--;
  }

  /** Takes back what a call was let through for that was not sent after all. */
  giveBack(): void {
    this.taken--;
    this.left++;
  }

  /** Nothing is to be sent until then; of several, the latest counts. */
  pause(untilMs: number): void {
    if (untilMs > this.pausedUntilMs) this.pausedUntilMs = untilMs;
  }

  /**
   * So many calls may be sent until the window ends. The backend said so in its
   * answer to the call of that number, and may not have seen the later ones.
   */
  allow(left: number, windowEndsMs: number, call: number): void {
    // Answers overtake each other; what an older one says is out of date.
    if (call < this.heardOf) return;
    this.heardOf = call;
    this.left = Math.max(0, left - Math.max(0, this.taken - call));
    this.windowEndsMs = windowEndsMs;
  }
}
