import { CallPlan } from '../call-plan.js';
import { Lane } from './lane.js';

/** The lanes of one backend in which somebody waits: one for each plan, so that who lacks an entry's token holds up nobody else. */
export class Lanes implements Iterable<Lane> {
  private readonly byPlan = new Map<CallPlan | undefined, Lane>();

  get isEmpty(): boolean {
    return this.byPlan.size === 0;
  }

  /** Calls that wait, in all lanes. */
  get waiting(): number {
    let waiting = 0;
    for (const { queue } of this) waiting += queue.size;
    return waiting;
  }

  /** When something has to be done, if nothing happens before. */
  get wakeAtMs(): number {
    let soonestMs = Infinity;
    for (const { wakeAtMs } of this) soonestMs = Math.min(soonestMs, wakeAtMs);
    return soonestMs;
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.byPlan.values();
  }

  find(plan: CallPlan | undefined): Lane | undefined {
    return this.byPlan.get(plan);
  }

  /** Takes a lane in which somebody waits now. */
  add(lane: Lane): void {
    this.byPlan.set(lane.plan, lane);
  }

  /** Calls that would be served before a newcomer of that priority, were all lanes one. */
  aheadOf(priority: number): number {
    let ahead = 0;
    for (const { queue } of this) ahead += queue.aheadOf(priority);
    return ahead;
  }

  /** The lane, of those worth trying, whose first call comes before those of the others. */
  nextDue(nowMs: number): Lane | undefined {
    let next: Lane | undefined;
    for (const lane of this) {
      if (lane.isDue(nowMs) && (!next || comesBefore(lane, next))) next = lane;
    }
    return next;
  }

  /** Closes the lanes that nobody waits in. */
  closeUnused(): void {
    for (const [plan, lane] of this.byPlan) {
      if (!lane.isOccupied) this.byPlan.delete(plan);
    }
  }
}

function comesBefore({ queue: a }: Lane, { queue: b }: Lane): boolean {
  const byPriority = b.head!.priority - a.head!.priority;
  return (byPriority || a.head!.arrival - b.head!.arrival) < 0;
}
