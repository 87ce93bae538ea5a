import {
  BreakerState,
  CircuitBreaker,
} from '../../core/breaker/circuit-breaker.js';
import { Clock } from '../../stores/clock.js';
import { Fleet } from '../../stores/fleet.js';

/**
 * Shares breaker states between instances. An instance announces when its own
 * breaker opens or closes; when a quorum reports open breakers, this instance
 * probes the backend. A hint never opens a breaker, only a failed probe does.
 */
export class BreakerHints {
  private readonly quorum: Quorum;

  /**
   * @param topic the name of the breaker, the same on every instance
   * @param share of the instances whose breakers must be open; above 0 and at most 1
   */
  constructor(
    private readonly fleet: Fleet,
    private readonly topic: string,
    share: number,
  ) {
    this.quorum = new Quorum(share);
  }

  /** Announces a change of state. Half-open is inconclusive and not announced. */
  tell(breaker: CircuitBreaker, to: BreakerState, nowMs: number): void {
    if (to === 'half-open') return;
    const openMs = to === 'open' ? breaker.retryAfterMs(nowMs) : 0;
    this.fleet.tell(this.topic, nowMs + openMs);
  }

  listen(breaker: CircuitBreaker, clock: Clock): void {
    this.fleet.listen(this.topic, (notices, instances) => {
      if (this.quorum.isNew(notices.length, instances)) breaker.doubt(clock());
    });
  }
}

/** A single instance is never a quorum: the problem may be its own. */
const LEAST = 2;

/** Detects when enough instances of a fleet agree, once each time. */
export class Quorum {
  private isReached = false;

  /** @param share of the live instances that must agree; above 0 and at most 1 */
  constructor(private readonly share: number) {}

  /**
   * Updates how many instances agree.
   *
   * @param agreeing instances that agree
   * @param instances all live instances; a count that lags behind is corrected
   * @returns whether a quorum has formed since the last call
   */
  isNew(agreeing: number, instances: number): boolean {
    const wasReached = this.isReached;
    const all = Math.max(instances, agreeing, 1);
    this.isReached = agreeing >= LEAST && agreeing / all >= this.share;
    return this.isReached && !wasReached;
  }
}
