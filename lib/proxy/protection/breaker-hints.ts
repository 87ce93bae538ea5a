import {
  BreakerState,
  CircuitBreaker,
} from '../../core/breaker/circuit-breaker.js';
import { Clock } from '../../stores/clock.js';
import { Fleet } from '../../stores/fleet.js';

/**
 * Tells other instances while this one's breaker is open by what it saw, and
 * lets this one's probe when a quorum of them says so. A hint opens no breaker:
 * what opens it is a probe of its own.
 */
export class BreakerHints {
  private readonly quorum: Quorum;

  /**
   * @param topic what the instances call the breaker
   * @param share of the instances whose breakers must be open
   */
  constructor(
    private readonly fleet: Fleet,
    private readonly topic: string,
    share: number,
  ) {
    this.quorum = new Quorum(share);
  }

  /** Tells of a change of state; half-open says neither that the backend is well nor that it is not. */
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

/** A single instance is never a quorum: what it sees may be its own problem. */
const LEAST = 2;

/** Reports when enough instances of a fleet agree, once each time that they do. */
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
