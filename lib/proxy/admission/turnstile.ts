import {
  CircuitBreaker,
  Permit,
  REFUSED,
} from '../../core/breaker/circuit-breaker.js';
import { Places } from '../../core/concurrency/places.js';
import { UpstreamQuota } from '../../core/upstream-quota.js';
import { Verdict } from '../../stores/bucket-store.js';
import { Clock } from '../../stores/clock.js';
import { CallPlan } from './call-plan.js';
import { Passage } from './passage.js';
import { NO_PLACE, Shortage } from './shortage.js';

/** The permit of calls to a backend without a breaker. */
const UNGUARDED: Permit = -1;

/** How an attempt to pass ended. */
export type Attempt = Passage | Shortage;

/** What a backend has of what its calls must pass. */
export interface TurnstileParts {
  readonly clock: Clock;
  readonly breaker: CircuitBreaker | undefined;
  readonly places: Places | undefined;
  /** What it has said itself of how often it may be asked. */
  readonly quota: UpstreamQuota | undefined;
}

/**
 * What a call must pass before it is sent, all at once: a permit of the
 * breaker, the backend's own leave where it is listened to, a token of each
 * bucket, a place among the calls underway. Whatever is short, nothing stays
 * taken.
 *
 * The place is reserved before the buckets are asked: it can be given back
 * without a trace, while a token that was taken and given back in a shared
 * store has meanwhile refused somebody else.
 */
export class Turnstile {
  constructor(private readonly parts: TurnstileParts) {}

  /** Tries to pass now; a promise only where the store needs one. */
  tryPass(
    plan: CallPlan | undefined,
    nowMs: number,
  ): Attempt | Promise<Attempt> {
    const { breaker, places, quota } = this.parts;
    const permit = breaker ? breaker.tryAcquire(nowMs) : UNGUARDED;
    if (permit === REFUSED) {
      return { of: 'permit', retryAfterMs: breaker!.retryAfterMs(nowMs) };
    }
    const pauseMs = quota ? quota.waitMs(nowMs) : 0;
    if (pauseMs > 0) {
      breaker?.settle(permit, 'ignored', nowMs);
      return { of: 'quota', retryAfterMs: pauseMs };
    }
    if (places?.tryTake() === false) {
      breaker?.settle(permit, 'ignored', nowMs);
      return NO_PLACE;
    }
    quota?.take();
    const verdict = plan?.decide();
    return verdict instanceof Promise
      ? this.whenDecided(verdict, permit)
      : this.conclude(verdict, permit, nowMs);
  }

  /** Whether it lets nobody pass, whatever there is. */
  isShut(nowMs: number): boolean {
    const { breaker, quota } = this.parts;
    if (breaker?.isOpen(nowMs)) return true;
    return quota !== undefined && quota.waitMs(nowMs) > 0;
  }

  /** Takes back all that a passage holds which nobody wants any more. */
  undo(plan: CallPlan | undefined, { permit }: Passage): void {
    this.release(permit);
    void plan?.giveBack();
  }

  private async whenDecided(
    deciding: Promise<Verdict>,
    permit: Permit,
  ): Promise<Attempt> {
    try {
      const verdict = await deciding;
      return this.conclude(verdict, permit, this.parts.clock());
    } catch (error) {
      this.release(permit);
      throw error;
    }
  }

  private conclude(
    verdict: Verdict | undefined,
    permit: Permit,
    nowMs: number,
  ): Attempt {
    if (verdict === undefined || verdict.admitted) {
      return new Passage(permit, nowMs, this.parts.quota?.lastCall ?? 0);
    }
    this.release(permit);
    return { of: 'tokens', retryAfterMs: verdict.retryAfterMs, verdict };
  }

  private release(permit: Permit): void {
    const { breaker, places, quota, clock } = this.parts;
    breaker?.settle(permit, 'ignored', clock());
    quota?.giveBack();
    places?.giveBack();
  }
}
