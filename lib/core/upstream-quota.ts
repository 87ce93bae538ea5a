/**
 * What a backend has said about how often it accepts calls: none until some
 * instant, or a number of further calls until its window ends. It only ever
 * tightens the configured limits, and expires by itself.
 */
export class UpstreamQuota {
  private pausedUntilMs = -Infinity;
  private windowEndsMs = -Infinity;
  private left = 0;
  private taken = 0;
  private heardOf = 0;

  /** The number of the last call that was admitted. */
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

  /** Admits one call, which `waitMs` allowed. */
  take(): void {
    this.taken++;
    this.left--;
  }

  /** Returns the admission of a call that wasn't sent after all. */
  giveBack(): void {
    this.taken--;
    this.left++;
  }

  /** Admits no call until then; of several pauses, the latest applies. */
  pause(untilMs: number): void {
    if (untilMs > this.pausedUntilMs) this.pausedUntilMs = untilMs;
  }

  /**
   * Admits `left` calls until the window ends. The backend said so in its
   * response to the call with that number, and may not have seen later ones.
   */
  allow(left: number, windowEndsMs: number, call: number): void {
    // Responses overtake each other; an older one is out of date.
    if (call < this.heardOf) return;
    this.heardOf = call;
    this.left = Math.max(0, left - Math.max(0, this.taken - call));
    this.windowEndsMs = windowEndsMs;
  }
}
