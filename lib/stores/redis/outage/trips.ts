import { Clock } from '../../clock.js';
import { Permit } from '../../../core/breaker/circuit-breaker.js';
import { PROBE } from '../lua/probe.js';
import { LaidLink } from '../link/laid-link.js';
import { Argument } from '../link/redis-link.js';
import { Script } from '../script.js';
import { DecisionBudget } from './decision-budget.js';
import { NodeHealth } from './node-health.js';
import { Trip } from './trip.js';

/** Told when a node goes down, with the reason, and when it is back. */
export type OutageListener = (node: string, reason: string | undefined) => void;

/**
 * Makes the trips to Redis: each ends within the budget, and none is begun that
 * would find nobody. An outage costs the requests that are on their way the
 * budget, and those that follow nothing.
 */
export class Trips {
  private readonly nodes = new Map<string, NodeHealth>();
  private readonly budget: DecisionBudget;
  private isClosed = false;

  constructor(
    private readonly link: LaidLink,
    private readonly budgetMs: number,
    private readonly clock: Clock,
    private readonly onOutage: OutageListener,
  ) {
    this.budget = new DecisionBudget(budgetMs, clock);
  }

  /**
   * Begins a trip to a node, if it would find anybody: it ends with the reply, or
   * with nothing when there was none in time.
   *
   * @param probeKey a key there that stands for nothing
   */
  begin(node: string, probeKey: () => string): Trip | undefined {
    const nowMs = this.clock();
    const health = this.healthOf(node, nowMs);
    const advice = health.advice(nowMs);
    if (advice === 'probe') void this.probe(health, probeKey(), nowMs);
    if (advice !== 'ask') return undefined;
    if (this.link.isReady()) return this.watched(health, nowMs);
    health.failed(health.permit, nowMs, 'there is no connection');
    return undefined;
  }

  /** Makes a trip that was begun. */
  async run(
    trip: Trip,
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<void> {
    if (trip.isSettled) return;
    try {
      const reply = await script.run(this.link, keys, args);
      if (trip.isSettled) return;
      trip.health.answered(trip.permit, this.clock());
      trip.settle(reply);
    } catch (error) {
      if (trip.isSettled) return;
      this.judge(trip.health, trip.permit, error);
      trip.settle(undefined);
    }
  }

  /** Nobody waits any longer, and that nobody was answered is no outage. */
  close(): void {
    this.isClosed = true;
    this.budget.close();
  }

  private watched(health: NodeHealth, nowMs: number): Trip {
    const trip = new Trip(health, health.permit, ({ permit }) =>
      health.failed(permit, this.clock(), `no answer in ${this.budgetMs} ms`),
    );
    this.budget.watch(trip, nowMs);
    return trip;
  }

  /** Finds out whether the node takes writes, in time. No request waits for it. Where even the probe before is out, the connection itself may be dead. */
  private async probe(
    health: NodeHealth,
    key: string,
    nowMs: number,
  ): Promise<void> {
    const { permit } = health;
    if (health.probesOut > 0) this.link.renew();
    health.probesOut++;
    try {
      await PROBE.run(this.link, [key], []);
      const endMs = this.clock();
      if (endMs - nowMs <= this.budgetMs) health.answered(permit, endMs);
      else health.failed(permit, endMs, 'it answers too late');
    } catch (error) {
      this.judge(health, permit, error);
    } finally {
      health.probesOut--;
    }
  }

  private judge(health: NodeHealth, permit: Permit, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (isPassing(reason)) health.declined(permit, this.clock());
    else health.failed(permit, this.clock(), reason);
  }

  private healthOf(node: string, nowMs: number): NodeHealth {
    const known = this.nodes.get(node);
    if (known) return known;
    const made: NodeHealth = new NodeHealth(nowMs, (isDown) => {
      if (!this.isClosed) this.onOutage(node, isDown ? made.reason : undefined);
    });
    this.nodes.set(node, made);
    return made;
  }
}

/** A slot on its way to another node, whose keys are in two places for the moment. */
function isPassing(reason: string): boolean {
  return reason.startsWith('TRYAGAIN');
}
