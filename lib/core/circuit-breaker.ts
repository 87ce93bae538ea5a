/** `closed` lets calls through, `open` refuses them, `half-open` lets a few probes find out. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** How a call ended. `ignored` counts as neither: its caller went away, or it was never sent. */
export type CallOutcome = 'success' | 'failure' | 'ignored';

/** Leave to make one call: the generation it belongs to. */
export type Permit = number;

/** Given instead of a permit when the breaker refuses. */
export const REFUSED: Permit = 0;

/** What a breaker is made from. */
export interface BreakerSettings {
  /** Consecutive failures that open the breaker; a whole number from 1. */
  readonly maxErrors: number;
  /** Counts older than this are dropped while closed; 0 keeps them for ever. */
  readonly intervalMs: number;
  /** How long the breaker stays open before it lets probes through. */
  readonly openMs: number;
  /** Probes let through while half-open, and successes in a row that close it; a whole number from 1. */
  readonly halfOpenPermits: number;
  /** A probe without a result for this long opens the breaker again: one that hangs must not hold everyone. `Infinity` waits for it. */
  readonly halfOpenMaxMs: number;
}

/** The calls of the present generation. */
export interface BreakerCounts {
  requests: number;
  successes: number;
  failures: number;
  ignored: number;
  consecutiveSuccesses: number;
  consecutiveFailures: number;
}

/** Told of each change of state, in order. */
export type TransitionListener = (
  from: BreakerState,
  to: BreakerState,
  nowMs: number,
) => void;

const NEVER = Infinity;

/**
 * A circuit breaker that counts consecutive failures.
 *
 * Each change of state, and each `interval` while closed, begins a generation.
 * A permit carries the generation in which it was given; a result that comes
 * back in a later one is dropped, so a slow call of the past can neither open
 * nor close the breaker (the rule of sony/gobreaker). There is no timer: a state
 * that has expired is left at the next call.
 */
export class CircuitBreaker {
  private current: BreakerState = 'closed';
  private generation: Permit = 1;
  private expiresAtMs = NEVER;
  private tally = emptyCounts();

  constructor(
    readonly settings: BreakerSettings,
    nowMs = 0,
    private readonly onTransition?: TransitionListener,
  ) {
    this.begin('closed', nowMs);
  }

  /** Asks for leave to make a call. Every permit must be settled once. */
  tryAcquire(nowMs: number): Permit {
    this.leaveExpired(nowMs);
    if (this.current === 'open') return REFUSED;
    if (this.current === 'half-open') {
      if (!this.hasProbeLeft()) return REFUSED;
      this.expiresAtMs = nowMs + this.settings.halfOpenMaxMs;
    }
    this.tally.requests++;
    return this.generation;
  }

  /** Reports how the call with this permit ended. */
  settle(permit: Permit, outcome: CallOutcome, nowMs: number): void {
    this.leaveExpired(nowMs);
    if (permit !== this.generation) return;
    this.count(outcome);
    if (outcome === 'failure') this.afterFailure(nowMs);
    else if (outcome === 'success') this.afterSuccess(nowMs);
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

  /** Milliseconds until an open breaker lets a probe through; 0 in the other states, where the next answer may decide. */
  retryAfterMs(nowMs: number): number {
    this.leaveExpired(nowMs);
    return this.current === 'open' ? this.expiresAtMs - nowMs : 0;
  }

  private hasProbeLeft(): boolean {
    const out = this.tally.requests - this.tally.ignored;
    return out < this.settings.halfOpenPermits;
  }

  private hasProbeOut(): boolean {
    const { requests, successes, failures, ignored } = this.tally;
    return requests > successes + failures + ignored;
  }

  /** At the very instant of expiry nothing changes yet. Half-open waits for calls as long as it takes; only a probe that is out expires. */
  private leaveExpired(nowMs: number): void {
    if (nowMs <= this.expiresAtMs) return;
    if (this.current === 'closed') this.begin('closed', nowMs);
    else if (this.current === 'open') this.moveTo('half-open', nowMs);
    else if (this.hasProbeOut()) this.moveTo('open', nowMs);
  }

  private count(outcome: CallOutcome): void {
    const tally = this.tally;
    if (outcome === 'ignored') {
      tally.ignored++;
    } else if (outcome === 'success') {
      tally.successes++;
      tally.consecutiveSuccesses++;
      tally.consecutiveFailures = 0;
    } else {
      tally.failures++;
      tally.consecutiveFailures++;
      tally.consecutiveSuccesses = 0;
    }
  }

  private afterFailure(nowMs: number): void {
    const opens =
      this.current === 'half-open' ||
      this.tally.consecutiveFailures >= this.settings.maxErrors;
    if (opens) this.moveTo('open', nowMs);
  }

  private afterSuccess(nowMs: number): void {
    const closes =
      this.current === 'half-open' &&
      this.tally.consecutiveSuccesses >= this.settings.halfOpenPermits;
    if (closes) this.moveTo('closed', nowMs);
  }

  private moveTo(state: BreakerState, nowMs: number): void {
    const from = this.current;
    this.begin(state, nowMs);
    this.onTransition?.(from, state, nowMs);
  }

  private begin(state: BreakerState, nowMs: number): void {
    this.current = state;
    this.generation++;
    this.tally = emptyCounts();
    this.expiresAtMs = this.expiryMs(state, nowMs);
  }

  private expiryMs(state: BreakerState, nowMs: number): number {
    const { intervalMs, openMs } = this.settings;
    if (state === 'open') return nowMs + openMs;
    return state === 'closed' && intervalMs > 0 ? nowMs + intervalMs : NEVER;
  }
}

function emptyCounts(): BreakerCounts {
  return {
    requests: 0,
    successes: 0,
    failures: 0,
    ignored: 0,
    consecutiveSuccesses: 0,
    consecutiveFailures: 0,
  };
}
