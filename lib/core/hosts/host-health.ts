import { CallOutcome } from '../breaker/call-tally.js';

/** `active` hosts serve, `ejected` ones are passed over, and a `probing` one is tried with a single call. */
export type HostState = 'active' | 'ejected' | 'probing';

/** Tells the calls of one stay in a state from those of another. */
export type Era = number;

/** How long a host is out: `baseMs` the first time, twice that if it soon happens again, and so on up to `maxMs`. */
export interface OutTime {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** When a host is passed over, and for how long. */
export interface HostSettings {
  /** Failures in a row that make it an outlier; `Infinity` for none. */
  readonly consecutiveErrors: number;
  /** How long an outlier is ejected. */
  readonly ejection: OutTime;
  /** How long a host rests that could not be connected to. */
  readonly rest: OutTime;
  /** A probe without a result for this long is given up for another. */
  readonly probeMaxMs: number;
}

/**
 * What is known of one host of a backend, in the terms of Envoy's outlier
 * detection. It goes out by failures in a row, or because nobody could connect,
 * and comes back by one call that succeeds, not by time alone: full traffic at
 * once would fall on a host that may still be down.
 */
export class HostHealth {
  /** Calls underway. */
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

  /** Whether it may get a call: because it serves, or because it is time for a probe. */
  isAvailable(nowMs: number): boolean {
    return this.current === 'active' || nowMs >= this.outUntilMs;
  }

  /** Whether it has failed so often in a row that it should be ejected. */
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

  /** Begins a call, which is a probe if the time for one has come. */
  begin(nowMs: number): Era {
    this.pending++;
    if (this.current !== 'active' && nowMs >= this.outUntilMs) {
      this.current = 'probing';
      this.outUntilMs = nowMs + this.settings.probeMaxMs;
      this.era++;
    }
    return this.era;
  }

  /** Ends a call. Results of an earlier era say nothing about the host of now. */
  end(era: Era, outcome: CallOutcome, nowMs: number): void {
    this.pending--;
    if (era !== this.era) return;
    if (outcome === 'success') this.succeeded(nowMs);
    else if (this.current === 'probing') this.probed(outcome, nowMs);
    else if (outcome === 'failure') this.consecutiveErrors++;
  }

  /** Takes an outlier out. */
  eject(nowMs: number): void {
    this.leave(this.settings.ejection, nowMs);
  }

  /** Lets it rest after a connection that could not be made. */
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
