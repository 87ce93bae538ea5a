import { BreakerSettings } from './breaker-settings.js';
import { OpenTime } from './open-time.js';
import { BreakerRates, RateRule } from './rate-rule.js';

/**
 * `closed` lets calls through, `open` rejects them, and `half-open` lets a few
 * probes through to find out. The forced states ignore results until the
 * breaker is reset.
 */
export type BreakerState =
  'closed' | 'open' | 'half-open' | 'forced-closed' | 'forced-open';

/** Called with each change of state, in order. */
export type TransitionListener = (
  from: BreakerState,
  to: BreakerState,
  nowMs: number,
) => void;

export type { BreakerSettings } from './breaker-settings.js';

/** How a call ended. `ignored` counts as neither success nor failure: its caller went away, or it was never sent. */
export type CallOutcome = 'success' | 'failure' | 'ignored';

/** The calls of one generation of a breaker. */
export interface BreakerCounts {
  requests: number;
  successes: number;
  failures: number;
  ignored: number;
  consecutiveSuccesses: number;
  consecutiveFailures: number;
}

/** Permission to make one call: the generation that issued it. */
export type Permit = number;

/** Returned instead of a permit when the breaker rejects the call. */
export const REFUSED: Permit = 0;

const NEVER = Infinity;

/**
 * A circuit breaker. It opens on consecutive failures, on the share of failing
 * calls or on the share of slow ones, whichever comes first.
 *
 * Each change of state, and each `interval` while closed, starts a generation.
 * A permit carries the generation that issued it, and a result from an earlier
 * generation is dropped, so that a slow call from the past can neither open nor
 * close the breaker (the rule of sony/gobreaker). The window of the rates
 * slides across intervals; there, only results of an earlier state are dropped.
 * There is no timer: an expired state ends with the next call.
 *
 * @example
 * ```ts
 * const beganMs = performance.now();
 * const permit = breaker.tryAcquire(beganMs);
 * if (permit !== REFUSED) {
 *   // … the call, which fails …
 *   const nowMs = performance.now();
 *   breaker.settle(permit, 'failure', nowMs, nowMs - beganMs);
 * }
 * ```
 */
export class CircuitBreaker {
  private current: BreakerState = 'closed';
  private generation: Permit = 1;
  /** The first generation of the current state. */
  private enteredAt: Permit = 1;
  private expiresAtMs = NEVER;
  private tally = new CallTally();
  private rule?: RateRule;
  private openTime?: OpenTime;

  /** @param random returns a number from 0 to below 1, for jitter */
  constructor(
    public settings: BreakerSettings,
    nowMs = 0,
    private readonly onTransition?: TransitionListener,
    private readonly random: () => number = () => 0,
  ) {
    this.prepare(settings);
    this.begin('closed', nowMs);
  }

  /**
   * Replaces the settings and keeps the state. An open breaker stays open no
   * longer than before; probes and the window of the rates start again.
   */
  retune(settings: BreakerSettings, nowMs: number): void {
    this.leaveExpired(nowMs);
    this.settings = settings;
    this.prepare(settings);
    if (this.current === 'half-open') this.begin('half-open', nowMs);
    const expiresAtMs = this.expiryMs(this.current, nowMs);
    this.expiresAtMs = Math.min(this.expiresAtMs, expiresAtMs);
  }

  /**
   * Asks for permission to make a call. Settle every permit once.
   *
   * @returns the permit, or `REFUSED`
   */
  tryAcquire(nowMs: number): Permit {
    if (this.isRefusing(nowMs)) return REFUSED;
    if (this.current === 'half-open') {
      this.expiresAtMs = nowMs + this.settings.halfOpenMaxMs;
    }
    this.tally.requests++;
    return this.generation;
  }

  /** Records how the call with this permit ended, and how long it took. */
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

  /** Whether a call made now would be rejected. Takes nothing. */
  isRefusing(nowMs: number): boolean {
    if (this.isOpen(nowMs)) return true;
    const { current, tally, settings } = this;
    return current === 'half-open' && tally.taken >= settings.halfOpenPermits;
  }

  /** Whether it lets no call through, not even a probe. */
  isOpen(nowMs: number): boolean {
    this.leaveExpired(nowMs);
    return this.current === 'open' || this.current === 'forced-open';
  }

  /** The state at `nowMs`. */
  state(nowMs: number): BreakerState {
    this.leaveExpired(nowMs);
    return this.current;
  }

  /** The counts of the current generation. */
  get counts(): Readonly<BreakerCounts> {
    return this.tally;
  }

  /** The current shares, if the breaker has rates. They are measured while it is closed. */
  rates(nowMs: number): BreakerRates | undefined {
    return this.rule?.rates(nowMs);
  }

  /**
   * Milliseconds until an open breaker lets a probe through; `Infinity` if it
   * is forced open; 0 in other states, where the next result may decide.
   */
  retryAfterMs(nowMs: number): number {
    this.leaveExpired(nowMs);
    if (this.current === 'forced-open') return Infinity;
    return this.current === 'open' ? this.expiresAtMs - nowMs : 0;
  }

  /** Makes a closed breaker half-open, because others have reason to believe that the backend is down: probes find out. */
  doubt(nowMs: number): void {
    if (this.state(nowMs) === 'closed') this.moveTo('half-open', nowMs);
  }

  /** Rejects every call until it is reset. */
  forceOpen(nowMs: number): void {
    this.moveTo('forced-open', nowMs);
  }

  /** Lets every call through until it is reset, and keeps counting. */
  forceClosed(nowMs: number): void {
    this.moveTo('forced-closed', nowMs);
  }

  /** Closes, clears all counts, and follows results again. */
  reset(nowMs: number): void {
    this.moveTo('closed', nowMs);
  }

  /**
   * At the exact instant of expiry nothing changes yet. Half-open waits for
   * calls indefinitely; only a probe in progress expires.
   */
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

  /** If slow calls open the breaker, a slow probe is no sign of recovery. */
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

/** Counts the calls of a generation. */
class CallTally implements BreakerCounts {
  requests = 0;
  successes = 0;
  failures = 0;
  ignored = 0;
  consecutiveSuccesses = 0;
  consecutiveFailures = 0;

  /** Calls in progress or counted. */
  get taken(): number {
    return this.requests - this.ignored;
  }

  /** Calls without a result. */
  get unsettled(): number {
    return this.taken - this.successes - this.failures;
  }

  settle(outcome: CallOutcome): void {
    if (outcome === 'ignored') {
      this.ignored++;
    } else if (outcome === 'success') {
      this.successes++;
      this.consecutiveSuccesses++;
      this.consecutiveFailures = 0;
    } else {
      this.failures++;
      this.consecutiveFailures++;
      this.consecutiveSuccesses = 0;
    }
  }
}
