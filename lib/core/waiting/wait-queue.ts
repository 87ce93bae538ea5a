/** A waiting call. */
export interface Waiting {
  /** Higher priorities are served first; finite. */
  readonly priority: number;
  /** When its wait ends, in monotonic milliseconds. */
  readonly expiresAtMs: number;
}

/**
 * Waiting calls in the order in which they are served: by priority, then first
 * come, first served. Leaving, from anywhere in the queue, is cheap.
 */
export class WaitQueue<W extends Waiting> {
  /** A set keeps the order of arrival, and removes any member at once. */
  private readonly ranks = new Map<number, Set<W>>();
  private readonly priorities: number[] = [];
  private count = 0;
  private soonestMs = Infinity;

  get size(): number {
    return this.count;
  }

  /** The next to be served. */
  get head(): W | undefined {
    const highest = this.ranks.get(this.priorities[0]);
    return highest?.values().next().value;
  }

  /** No wait ends before this instant. */
  get soonestExpiryMs(): number {
    return this.soonestMs;
  }

  /** How many would be served before a new call of that priority. */
  aheadOf(priority: number): number {
    let ahead = 0;
    for (const higher of this.priorities) {
      if (higher < priority) break;
      ahead += this.ranks.get(higher)!.size;
    }
    return ahead;
  }

  join(waiting: W): void {
    const { priority, expiresAtMs } = waiting;
    const rank = this.ranks.get(priority) ?? this.newRank(priority);
    rank.add(waiting);
    this.count++;
    if (expiresAtMs < this.soonestMs) this.soonestMs = expiresAtMs;
  }

  /** Removes a call; returns whether it was in the queue. */
  leave(waiting: W): boolean {
    const rank = this.ranks.get(waiting.priority);
    if (!rank?.delete(waiting)) return false;
    this.count--;
    if (rank.size === 0) this.endRank(waiting.priority);
    if (this.count === 0) this.soonestMs = Infinity;
    return true;
  }

  /** Removes and returns, in order, all whose wait ends before `beforeMs`. */
  leaveExpiring(beforeMs: number): W[] {
    // Rarely any does, and this shows it without a search.
    if (this.soonestMs >= beforeMs) return [];
    const expiring: W[] = [];
    let soonestMs = Infinity;
    for (const waiting of this.everyone()) {
      const { expiresAtMs } = waiting;
      if (expiresAtMs < beforeMs) expiring.push(waiting);
      else if (expiresAtMs < soonestMs) soonestMs = expiresAtMs;
    }
    for (const waiting of expiring) this.leave(waiting);
    this.soonestMs = soonestMs;
    return expiring;
  }

  /** Removes and returns all, in order. */
  leaveAll(): W[] {
    const everyone = this.everyone();
    for (const waiting of everyone) this.leave(waiting);
    return everyone;
  }

  private everyone(): W[] {
    return this.priorities.flatMap((p) => [...this.ranks.get(p)!]);
  }

  private newRank(priority: number): Set<W> {
    const rank = new Set<W>();
    this.ranks.set(priority, rank);
    this.priorities.push(priority);
    this.priorities.sort((a, b) => b - a);
    return rank;
  }

  private endRank(priority: number): void {
    this.ranks.delete(priority);
    this.priorities.splice(this.priorities.indexOf(priority), 1);
  }
}
