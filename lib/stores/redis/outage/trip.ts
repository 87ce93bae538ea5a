import { Permit } from '../../../core/breaker/circuit-breaker.js';
import { Waiting } from './decision-budget.js';
import { NodeHealth } from './node-health.js';

/** One question to Redis that somebody waits for, until it is answered or its time is up. */
export class Trip implements Waiting {
  isSettled = false;
  /** Resolves with the reply, or with nothing. */
  readonly ended: Promise<unknown>;
  private resolve!: (reply: unknown) => void;

  constructor(
    readonly health: NodeHealth,
    readonly permit: Permit,
    private readonly onExpired: (trip: Trip) => void,
  ) {
    this.ended = new Promise((resolve) => (this.resolve = resolve));
  }

  settle(reply: unknown): void {
    this.isSettled = true;
    this.resolve(reply);
  }

  expire(): void {
    this.onExpired(this);
    this.settle(undefined);
  }
}
