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
 * Nothing waits for a batch to fill.
 */
export class Batches {
  /** Those that have not left yet, by slot. */
  private readonly boarding = new Map<number, PlanBatch>();
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
    if (batch.isFull || !isIn) this.depart(slot, batch);
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
      this.depart(slot, known);
    }
    const node = this.link.nodeOf(slot);
    const trip = this.trips.begin(node, () => errand.probeKey());
    if (trip === undefined) return undefined;
    const batch = new PlanBatch(trip, atMs);
    this.boarding.set(slot, batch);
    // After all that came in with this turn was read.
    this.departure ??= setImmediate(() => this.departAll());
    return batch;
  }

  private departAll(): void {
    this.departure = undefined;
    for (const [slot, batch] of this.boarding) this.depart(slot, batch);
  }

  private depart(slot: number, batch: PlanBatch): void {
    this.boarding.delete(slot);
    void this.trips.run(batch.trip, PLANS, batch.keys, batch.args());
  }
}
