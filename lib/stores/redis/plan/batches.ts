import { RedisLink } from '../link/redis-link.js';
import { PLANS } from '../lua/plans.js';
import { RoundTrips } from '../outage/round-trips.js';
import { AnyPendingPlan, Purchase } from './pending-plan.js';
import { PlanBatch } from './plan-batch.js';

/** Tells the time to scripts, in tests alone. */
export type TestClock = () => number;

/** A double counts as far as this in whole numbers. */
const MOST_NUMBERS = 2 ** 53;

/**
 * Lets plans that are asked for in one turn of the event loop make one round
 * trip together, to one slot: a command costs either side more than a decision
 * does. Nothing waits for a batch to fill. Of a turn that fills several, the
 * first is sent ahead of the others: Redis decides it while those are written.
 */
export class Batches {
  /** Those that take plans in, by slot. */
  private readonly open = new Map<number, PlanBatch>();
  /** Those that take no more in, in the order in which they are sent. */
  private full: PlanBatch[] = [];
  private hasLeader = false;
  private flush: NodeJS.Immediate | undefined;
  /** Begins anywhere, so that no answer to another instance passes for one of ours. */
  private lastNumber = Math.floor(Math.random() * (MOST_NUMBERS / 2));

  /** @param testClock milliseconds; Redis' own time without */
  constructor(
    private readonly link: RedisLink,
    private readonly roundTrips: RoundTrips,
    private readonly testClock?: TestClock,
  ) {}

  /** Takes a plan to Redis, or returns false where nobody would answer. */
  take(plan: AnyPendingPlan): boolean {
    const slot = this.link.slotOf(plan.keyOf(0));
    const batch = this.batchFor(slot, plan);
    if (batch === undefined) return false;
    const isIn = batch.add(plan);
    if (batch.isFull || !isIn) this.shut(slot, batch);
    // What does not fit into a batch begins the next one.
    return isIn || this.take(plan);
  }

  /** Sends nothing any more. */
  close(): void {
    clearImmediate(this.flush);
  }

  private batchFor(slot: number, plan: AnyPendingPlan): PlanBatch | undefined {
    const atMs = this.testClock?.();
    const known = this.open.get(slot);
    if (known) {
      if (known.atMs === atMs) return known;
      this.shut(slot, known);
    }
    const node = this.link.nodeOf(slot);
    const trip = this.roundTrips.begin<readonly Purchase[]>(node, () =>
      plan.probeKey(),
    );
    if (trip === undefined) return undefined;
    const batch = new PlanBatch(trip, ++this.lastNumber, atMs);
    this.open.set(slot, batch);
    // After all that came in with this turn was read.
    this.flush ??= setImmediate(this.flushAll);
    return batch;
  }

  private shut(slot: number, batch: PlanBatch): void {
    this.open.delete(slot);
    if (this.hasLeader) {
      this.full.push(batch);
      return;
    }
    this.hasLeader = true;
    this.send(batch);
    // A client library may write once a turn: anew, for the others to come after that.
    clearImmediate(this.flush);
    this.flush = setImmediate(this.flushAll);
  }

  private readonly flushAll = (): void => {
    const { full, open } = this;
    this.flush = undefined;
    this.hasLeader = false;
    this.full = [];
    for (const batch of full) this.send(batch);
    for (const [slot, batch] of open) {
      open.delete(slot);
      this.send(batch);
    }
  };

  private send(batch: PlanBatch): void {
    void this.roundTrips.run(batch.trip, {
      script: PLANS,
      keys: batch.keys,
      args: batch.args(),
      read: (reply) => batch.read(reply),
    });
  }
}
