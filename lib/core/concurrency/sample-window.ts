const SHORTEST_MS = 500;
const FEWEST_CALLS = 20;

/** Measurements from the calls that started and ended within a period. */
export class SampleWindow {
  mostUnderway = 0;
  private calls = 0;
  private failures = 0;
  private totalMs = 0;

  constructor(private readonly sinceMs: number) {}

  get averageMs(): number {
    return this.totalMs / this.calls;
  }

  /** Whether more calls failed than a healthy backend's would. */
  get hasFailures(): boolean {
    return this.failures * 10 > this.calls;
  }

  /** Adds a call, unless it started earlier and so reflects an earlier limit. */
  add(tookMs: number, underway: number, failed: boolean, nowMs: number): void {
    if (nowMs - tookMs < this.sinceMs) return;
    this.calls++;
    this.totalMs += tookMs;
    if (failed) this.failures++;
    if (underway > this.mostUnderway) this.mostUnderway = underway;
  }

  /** Whether it is long enough and has enough calls. */
  isComplete(nowMs: number): boolean {
    return this.calls >= FEWEST_CALLS && nowMs - this.sinceMs >= SHORTEST_MS;
  }
}
