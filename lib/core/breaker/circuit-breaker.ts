import { BreakerSettings } from './breaker-settings.js';
import { BreakerCounts, CallOutcome, CallTally } from './call-tally.js';
import { OpenTime } from './open-time.js';
import { BreakerRates, RateRule } from './rate-rule.js';

/**
 * `closed` lets calls through, `open` refuses them, `half-open` lets a few
 * probes find out. The forced states do so whatever the results are, until the
 * breaker is reset.
 */
export type BreakerState =
  'closed' | 'open' | 'half-open' | 'forced-closed' | 'forced-open';

/** Told of each change of state, in order. */
export type TransitionListener = (
  from: BreakerState,
  to: BreakerState,
  nowMs: number,
) => void;

export type { BreakerSettings } from './breaker-settings.js';
export type { BreakerCounts, CallOutcome } from './call-tally.js';

/** Leave to make one call: the generation it belongs to. */
export type Permit = number;

/** Given instead of a permit when the breaker refuses. */
export const REFUSED: Permit = 0;

const NEVER = Infinity;

/**
 * A circuit breaker: opens on consecutive failures, on the share of failing
 * calls and on the share of slow ones, whichever comes first.
 *
 * Each change of state, and each `interval` while closed, begins a generation.
 * A permit carries the generation in which it was given; a result that comes
 * back in a later one is dropped, so a slow call of the past can neither open
 * nor close the breaker (the rule of sony/gobreaker). The window of the rates
 * slides over intervals, so there only results of an earlier state are dropped.
 * There is no timer: a state that has expired is left at the next call.
 */
export class CircuitBreaker {
  private current: BreakerState = 'closed';
  private generation: Permit = 1;
  /** The first generation of the present state. */
  private enteredAt: Permit = 1;
  private expiresAtMs = NEVER;
  private tally = new CallTally();
  private rule?: RateRule;
  private openTime?: OpenTime;

  /** @param random a number from 0 up to 1, another with each call; for jitter */
  constructor(
    public settings: BreakerSettings,
    nowMs = 0,
    private readonly onTransition?: TransitionListener,
    private readonly random: () => number = () => 0,
  ) {
    this.prepare(settings);
    this.begin('closed', nowMs);
  }

  /** Goes by other settings, in the state that it is in: open no longer than before; probing and the window of the rates begin anew. */
  retune(settings: BreakerSettings, nowMs: number): void {
    this.leaveExpired(nowMs);
    this.settings = settings;
    this.prepare(settings);
    if (this.current === 'half-open') this.begin('half-open', nowMs);
    const expiresAtMs = this.expiryMs(this.current, nowMs);
    this.expiresAtMs = Math.min(this.expiresAtMs, expiresAtMs);
  }

  /** Asks for leave to make a call. Every permit must be settled once. */
  tryAcquire(nowMs: number): Permit {
    if (this.isRefusing(nowMs)) return REFUSED;
    if (this.current === 'half-open') {
      this.expiresAtMs = nowMs + this.settings.halfOpenMaxMs;
    }
    this.tally.requests++;
    return this.generation;
  }

  /** Reports how the call with this permit ended, and how long it took. */
  settle(
    permit: Permit,
    outcome: CallOutcome,
    nowMs: number,
    tookMs = 0,
  ): void {
    this.leaveExpired(nowMs);
    if (permit < this.enteredAt) return;
    if (permit === this.generation) this.tally.settle(outcome);
    if (outcome === 'ignored') return;
    const isFailure = outcome === 'failure';
    const isSlow = this.rule?.isSlow(tookMs) === true;
    if (this.current === 'closed') this.afterCall(isFailure, isSlow, nowMs);
    else if (this.current === 'half-open') {
      this.afterProbe(isFailure || isSlow, nowMs);
    }
  }

  /** Whether a call that asked now would be refused; takes nothing. */
  isRefusing(nowMs: number): boolean {
    if (this.isOpen(nowMs)) return true;
    const { current, tally, settings } = this;
    return current === 'half-open' && tally.taken >= settings.halfOpenPermits;
  }

  /** Whether it lets no call through at all, not even a probe. */
  isOpen(nowMs: number): boolean {
    this.leaveExpired(nowMs);
    return this.current === 'open' || this.current === 'forced-open';
  }

  /** The state at `nowMs`. */
  state(nowMs: number): BreakerState {
    this.leaveExpired(nowMs);
    return this.current;
  }

  /** The counts of the present generation. */
  get counts(): Readonly<BreakerCounts> {
    return this.tally;
  }

  /** The shares that its rates go by, where it has rates. They are taken while it is closed. */
  rates(nowMs: number): BreakerRates | undefined {
    return this.rule?.rates(nowMs);
  }

  /** Milliseconds until an open breaker lets a probe through, `Infinity` where it is forced open; 0 in the other states, where the next answer may decide. */
  retryAfterMs(nowMs: number): number {
    this.leaveExpired(nowMs);
    if (this.current === 'forced-open') return Infinity;
    return this.current === 'open' ? this.expiresAtMs - nowMs : 0;
  }

  /** Finds out by probes whether the backend is well, where it is closed: others have reason to believe that it is not. */
  doubt(nowMs: number): void {
    if (this.state(nowMs) === 'closed') this.moveTo('half-open', nowMs);
  }

  /** Refuses every call until it is reset. */
  forceOpen(nowMs: number): void {
    this.moveTo('forced-open', nowMs);
  }

  /** Lets every call through until it is reset, and still counts. */
  forceClosed(nowMs: number): void {
    this.moveTo('forced-closed', nowMs);
  }

  /** Closes, forgets all that was counted, and goes by results again. */
  reset(nowMs: number): void {
    this.moveTo('closed', nowMs);
  }

  /** At the very instant of expiry nothing changes yet. Half-open waits for calls as long as it takes; only a probe that is out expires. */
  private leaveExpired(nowMs: number): void {
    if (nowMs <= this.expiresAtMs) return;
    if (this.current === 'closed') this.begin('closed', nowMs);
    else if (this.current === 'open') this.moveTo('half-open', nowMs);
    else if (this.tally.unsettled > 0) this.moveTo('open', nowMs);
  }

  private afterCall(isFailure: boolean, isSlow: boolean, nowMs: number): void {
    this.rule?.add(isFailure, isSlow, nowMs);
    const opens =
      this.tally.consecutiveFailures >= this.settings.maxErrors ||
      this.rule?.isBroken;
    if (opens) this.moveTo('open', nowMs);
  }

  /** Where slow calls open a breaker, a slow probe is no sign of recovery. */
  private afterProbe(isBad: boolean, nowMs: number): void {
    const { consecutiveSuccesses } = this.tally;
    if (isBad) this.moveTo('open', nowMs);
    else if (consecutiveSuccesses >= this.settings.halfOpenPermits) {
      this.moveTo('closed', nowMs);
    }
  }

  private moveTo(state: BreakerState, nowMs: number): void {
    const from = this.current;
    this.begin(state, nowMs);
    this.enteredAt = this.generation;
    if (state === 'closed') {
      this.rule?.clear();
      this.openTime?.reset();
    }
    if (from !== state) this.onTransition?.(from, state, nowMs);
  }

  private prepare({ rates, openMs, openGrowth }: BreakerSettings): void {
    this.rule = rates && new RateRule(rates);
    this.openTime = openGrowth && new OpenTime(openMs, openGrowth, this.random);
  }

  private begin(state: BreakerState, nowMs: number): void {
    this.current = state;
    this.generation++;
    this.tally = new CallTally();
    this.expiresAtMs = this.expiryMs(state, nowMs);
  }

  private expiryMs(state: BreakerState, nowMs: number): number {
    const { intervalMs, openMs } = this.settings;
    if (state === 'open') {
      return nowMs + (this.openTime ? this.openTime.take() : openMs);
    }
    return state === 'closed' && intervalMs > 0 ? nowMs + intervalMs : NEVER;
  }
}
