import { CallOutcome } from '../breaker/call-tally.js';

/** `active` hosts serve, `ejected` ones are skipped, and a `probing` one is tried with a single call. */
export type HostState = 'active' | 'ejected' | 'probing';

/** Distinguishes the calls of one stay in a state from those of another. */
export type Era = number;

/** How long a host is ejected: `baseMs` the first time, twice that if it soon happens again, and so on up to `maxMs`. */
export interface OutTime {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** When a host is ejected, and for how long. */
export interface HostSettings {
  /** Consecutive failures that make it an outlier; `Infinity` for none. */
  readonly consecutiveErrors: number;
  /** How long an outlier is ejected. */
  readonly ejection: OutTime;
  /** How long a host rests after a failed connection. */
  readonly rest: OutTime;
  /** A probe without a result for this long is replaced by another. */
  readonly probeMaxMs: number;
}

/**
 * The health of one host of a backend, in the terms of Envoy's outlier
 * detection. A host is ejected by consecutive failures or a failed connection,
 * and returns by one successful call, not by time alone: full traffic at once
 * would fall on a host that may still be down.
 */
export class HostHealth {
  /** Calls in progress. */
  pending = 0;
  /** Failures since the last success. */
  consecutiveErrors = 0;
  private current: HostState = 'active';
  private era: Era = 0;
  private out: OutTime;
  private outMs = 0;
  private outUntilMs = 0;
  private timesInARow = 0;
  private backAtMs = -Infinity;

  constructor(private readonly settings: HostSettings) {
    this.out = settings.rest;
  }

  get state(): HostState {
    return this.current;
  }

  /** Whether it may get a call, because it serves or because a probe is due. */
  isAvailable(nowMs: number): boolean {
    return this.current === 'active' || nowMs >= this.outUntilMs;
  }

  /** Whether it has enough consecutive failures to be ejected. */
  get isOutlier(): boolean {
    return (
      this.current === 'active' &&
      this.consecutiveErrors >= this.settings.consecutiveErrors
    );
  }

  /** Milliseconds until its next probe; 0 while it is active. */
  outForMs(nowMs: number): number {
    if (this.current === 'active') return 0;
    return Math.max(0, this.outUntilMs - nowMs);
  }

  /** Starts a call, which is a probe if one is due. */
  begin(nowMs: number): Era {
    this.pending++;
    if (this.current !== 'active' && nowMs >= this.outUntilMs) {
      this.current = 'probing';
      this.outUntilMs = nowMs + this.settings.probeMaxMs;
      this.era++;
    }
    return this.era;
  }

  /** Ends a call. Results from an earlier era say nothing about the host now. */
  end(era: Era, outcome: CallOutcome, nowMs: number): void {
    this.pending--;
    if (era !== this.era) return;
    if (outcome === 'success') this.succeeded(nowMs);
    else if (this.current === 'probing') this.probed(outcome, nowMs);
    else if (outcome === 'failure') this.consecutiveErrors++;
  }

  /** Ejects an outlier. */
  eject(nowMs: number): void {
    this.leave(this.settings.ejection, nowMs);
  }

  /** Rests the host after a failed connection. */
  rest(nowMs: number): void {
    if (this.current !== 'ejected') this.leave(this.settings.rest, nowMs);
  }

  private succeeded(nowMs: number): void {
    this.consecutiveErrors = 0;
    if (this.current === 'active') return;
    this.current = 'active';
    this.backAtMs = nowMs;
    this.era++;
  }

  private probed(outcome: CallOutcome, nowMs: number): void {
    if (outcome === 'failure') {
      this.leave(this.out, nowMs);
    } else {
      this.current = 'ejected';
      this.outUntilMs = nowMs;
    }
  }

  private leave(out: OutTime, nowMs: number): void {
    const servedMs = nowMs - this.backAtMs;
    if (this.current === 'active' && servedMs > this.outMs) {
      this.timesInARow = 0;
    }
    this.timesInARow++;
    this.out = out;
    this.outMs = Math.min(out.baseMs * this.timesInARow, out.maxMs);
    this.outUntilMs = nowMs + this.outMs;
    this.current = 'ejected';
    this.consecutiveErrors = 0;
    this.era++;
  }
}
