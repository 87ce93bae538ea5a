import {
  CircuitBreaker,
  Permit,
  REFUSED,
} from '../../../core/breaker/circuit-breaker.js';

/** How long a node that did not answer is left alone before it is probed: longer each time, and never so long that its return goes unnoticed for a second. */
const REST_MS = 100;
const LONGEST_REST_MS = 600;
/** A probe that is out for longer is given up. */
const LONGEST_PROBE_MS = 1_000;

/** What to do about a decision. */
export type Advice = 'ask' | 'probe' | 'do without';

/**
 * Whether a node is worth asking: a breaker that the first failure opens. While
 * it is open nobody waits for the node; now and then a probe that no request
 * waits for finds out whether it answers again.
 */
export class NodeHealth {
  /** The permit of the last `ask` or `probe`. */
  permit: Permit = REFUSED;
  /** Why it was last given up. */
  reason = '';
  /** Probes that got no answer yet, of any kind. */
  probesOut = 0;
  private readonly breaker: CircuitBreaker;
  private isDown = false;

  /** @param onChange told when the node goes down and when it is back */
  constructor(nowMs: number, onChange: (isDown: boolean) => void) {
    const settings = {
      maxErrors: 1,
      intervalMs: 0,
      openMs: REST_MS,
      openGrowth: { factor: 2, maxMs: LONGEST_REST_MS, jitter: 0.5 },
      halfOpenPermits: 1,
      halfOpenMaxMs: LONGEST_PROBE_MS,
    };
    this.breaker = new CircuitBreaker(
      settings,
      nowMs,
      (_, to) => {
        // Half-open is still down, and so is open after it: one change, one event.
        if (to === 'half-open' || (to === 'open') === this.isDown) return;
        this.isDown = to === 'open';
        onChange(this.isDown);
      },
      Math.random,
    );
  }

  /** Asks what to do; after `ask` and `probe` the permit must be settled. */
  advice(nowMs: number): Advice {
    this.permit = this.breaker.tryAcquire(nowMs);
    if (this.permit === REFUSED) return 'do without';
    return this.isDown ? 'probe' : 'ask';
  }

  /** It answered in time. */
  answered(permit: Permit, nowMs: number): void {
    this.breaker.settle(permit, 'success', nowMs);
  }

  /** It did not, and why. */
  failed(permit: Permit, nowMs: number, reason: string): void {
    this.reason = reason;
    this.breaker.settle(permit, 'failure', nowMs);
  }

  /** It would not decide this once, which says nothing about its health. */
  declined(permit: Permit, nowMs: number): void {
    this.breaker.settle(permit, 'ignored', nowMs);
  }
}
