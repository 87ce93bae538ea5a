/** Someone who waits. */
export interface Waiting {
  /** Higher ones are served first; finite. */
  readonly priority: number;
  /** Until when it can wait, in monotonic milliseconds. */
  readonly expiresAtMs: number;
}

/**
 * Those who wait, in the order in which they are served: by priority, and
 * within one strictly in the order in which they came. Whoever leaves, wherever
 * it stands, costs the others nothing.
 */
export class WaitQueue<W extends Waiting> {
  /** A set keeps the order of arrival, and lets anyone out at once. */
  private readonly ranks = new Map<number, Set<W>>();
  private readonly priorities: number[] = [];
  private count = 0;
  private soonestMs = Infinity;

  get size(): number {
    return this.count;
  }

  /** Who is served next. */
  get head(): W | undefined {
    const highest = this.ranks.get(this.priorities[0]);
    return highest?.values().next().value;
  }

  /** No one's time ends before this instant. */
  get soonestExpiryMs(): number {
    return this.soonestMs;
  }

  /** How many would be served before a newcomer of that priority. */
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

  /** Lets someone out; tells whether it stood in the queue. */
  leave(waiting: W): boolean {
    const rank = this.ranks.get(waiting.priority);
    if (!rank?.delete(waiting)) return false;
    this.count--;
    if (rank.size === 0) this.endRank(waiting.priority);
    if (this.count === 0) this.soonestMs = Infinity;
    return true;
  }

  /** Lets out, in order, all whose time ends before `beforeMs`. */
  leaveExpiring(beforeMs: number): W[] {
    // Rarely anyone's does, and this much is known without looking.
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

  /** Lets everyone out, in order. */
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
