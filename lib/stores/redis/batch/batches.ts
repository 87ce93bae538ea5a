import { RedisLink } from '../link/redis-link.js';
import { PLANS } from '../lua/plans.js';
import { Trips } from '../outage/trips.js';
import { AnyErrand } from './errand.js';
import { PlanBatch } from './plan-batch.js';

/** Tells the time to scripts, in tests alone. */
export type TestClock = () => number;

/**
 * Lets plans that are asked for in one turn of the event loop make one trip
 * together, to one slot: a command costs either side more than a decision does.
 * Nothing waits for a batch to fill. Of a turn that fills several, the first
 * leaves ahead of the others: Redis decides it while those are written.
 */
export class Batches {
  /** Those that take plans in, by slot. */
  private readonly boarding = new Map<number, PlanBatch>();
  /** Those that take no more in, in the order in which they leave. */
  private waiting: PlanBatch[] = [];
  private hasLeader = false;
  private departure: NodeJS.Immediate | undefined;

  /** @param testClock milliseconds; Redis' own time without */
  constructor(
    private readonly link: RedisLink,
    private readonly trips: Trips,
    private readonly testClock?: TestClock,
  ) {}

  /** Takes an errand to Redis, or returns false where nobody would answer. */
  take(errand: AnyErrand): boolean {
    const slot = this.link.slotOf(errand.keyOf(0));
    const batch = this.batchFor(slot, errand);
    if (batch === undefined) return false;
    const isIn = batch.add(errand);
    if (batch.isFull || !isIn) this.shut(slot, batch);
    // What does not fit into a batch begins the next one.
    return isIn || this.take(errand);
  }

  /** Nobody waits any longer. */
  close(): void {
    clearImmediate(this.departure);
    this.trips.close();
  }

  private batchFor(slot: number, errand: AnyErrand): PlanBatch | undefined {
    const atMs = this.testClock?.();
    const known = this.boarding.get(slot);
    if (known) {
      if (known.atMs === atMs) return known;
      this.shut(slot, known);
    }
    const node = this.link.nodeOf(slot);
    const trip = this.trips.begin(node, () => errand.probeKey());
    if (trip === undefined) return undefined;
    const batch = new PlanBatch(trip, atMs);
    this.boarding.set(slot, batch);
    // After all that came in with this turn was read.
    this.departure ??= setImmediate(this.departAll);
    return batch;
  }

  private shut(slot: number, batch: PlanBatch): void {
    this.boarding.delete(slot);
    if (this.hasLeader) {
      this.waiting.push(batch);
      return;
    }
    this.hasLeader = true;
    this.depart(batch);
    // A client library may write once a turn: anew, for the others to come after that.
    clearImmediate(this.departure);
    this.departure = setImmediate(this.departAll);
  }

  private readonly departAll = (): void => {
    const { waiting, boarding } = this;
    this.departure = undefined;
    this.hasLeader = false;
    this.waiting = [];
    for (const batch of waiting) this.depart(batch);
    for (const [slot, batch] of boarding) {
      boarding.delete(slot);
      this.depart(batch);
    }
  };

  private depart(batch: PlanBatch): void {
    void this.trips.run(batch.trip, PLANS, batch.keys, batch.args());
  }
}
