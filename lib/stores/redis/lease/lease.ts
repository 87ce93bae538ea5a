/** How much an instance may hold, and for how long. */
export interface LeaseTerms {
  /** The most tokens of each bucket that are held ahead of demand. */
  readonly mostTokens: readonly number[];
  /** How long what was paid for may be used. */
  readonly lifeMs: number;
}

/**
 * Tokens of one plan and its keys that were paid for ahead, to be spent without
 * asking. How many are asked for follows the demand: as many as came in the last
 * lifetime of a lease, so that a quiet key pays for one request at a time, as if
 * there were no lease.
 *
 * Tokens are spent after they were charged. So in any interval of length T a
 * fleet of N instances admits at most `capacity + rate · T + N · mostTokens`.
 */
export class Lease {
  /** Tokens that are left, for each bucket; none when there is no lease. */
  private held: number[] = [];
  private endsAtMs = -Infinity;
  private windowEndMs = -Infinity;
  private came = 0;
  private cameBefore = 0;

  constructor(private readonly terms: LeaseTerms) {}

  /** Whether nothing is held and nobody came for a while, so that it may be forgotten. */
  isIdle(nowMs: number): boolean {
    const restedMs = nowMs - this.windowEndMs;
    return this.held.length === 0 && restedMs >= this.terms.lifeMs;
  }

  /** Counts a request. */
  arrive(nowMs: number): void {
    this.turnWindow(nowMs);
    this.came++;
  }

  /** Pays for a request with what is held, if that is enough. */
  spend(costs: ArrayLike<number>, nowMs: number): boolean {
    const { held } = this;
    if (held.length === 0 || nowMs >= this.endsAtMs) return false;
    for (let i = 0; i < costs.length; i++) {
      if (!(costs[i] >= 0 && held[i] >= costs[i])) return false;
    }
    for (let i = 0; i < costs.length; i++) held[i] -= costs[i];
    return true;
  }

  /** For how many requests of these costs to pay: for those that `waiting` wait, and for as many more as demand and terms have it. */
  unitsFor(waiting: number, costs: readonly number[], nowMs: number): number {
    this.turnWindow(nowMs);
    const ahead = costs.map((cost, i) =>
      cost > 0 ? Math.floor(this.terms.mostTokens[i] / cost) : Infinity,
    );
    const demand = Math.max(this.came, this.cameBefore);
    return Math.max(waiting, Math.min(demand, ...ahead));
  }

  /** Takes what was paid for. What was held before must have been taken back. */
  grant(units: number, costs: readonly number[], nowMs: number): void {
    this.held = costs.map((cost) => cost * units);
    this.endsAtMs = nowMs + this.terms.lifeMs;
  }

  /** Ends the lease when its time is up: what is left, to be given back. */
  takeBack(nowMs: number): readonly number[] | undefined {
    if (nowMs < this.endsAtMs || this.held.length === 0) return undefined;
    const { held } = this;
    this.held = [];
    return held.some((tokens) => tokens > 0) ? held : undefined;
  }

  private turnWindow(nowMs: number): void {
    if (nowMs < this.windowEndMs) return;
    const { lifeMs } = this.terms;
    this.cameBefore = nowMs < this.windowEndMs + lifeMs ? this.came : 0;
    this.came = 0;
    this.windowEndMs = nowMs + lifeMs;
  }
}
