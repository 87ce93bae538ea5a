import { CallOutcome } from '../breaker/circuit-breaker.js';

/** `active` hosts serve, `ejected` ones are skipped, and a `probing` one is tried with a single call. */
export type HostState = 'active' | 'ejected' | 'probing';

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

/** A call's turn at a host: which host, and in which of its eras. */
export type Turn = number;

/** The turn of a call that goes to none of the hosts. */
export const NO_TURN: Turn = -1;

/** `round-robin` takes turns, `least-pending` selects the host with the fewest calls in progress. */
export type LoadBalancing = 'round-robin' | 'least-pending';

/** The settings of a pool. */
export interface PoolSettings extends HostSettings {
  readonly hosts: number;
  readonly loadBalancing: LoadBalancing;
  /** Outliers are ejected while at most this many hosts are out; from 1. */
  readonly maxEjected: number;
}

/** Called with each change of a host's state, in order. */
export type HostListener = (host: number, state: HostState) => void;

/**
 * Selects a host for each call. Ejected hosts are skipped while another is
 * left. If none is, all are tried as if nothing were known, since any of them
 * may be the first to return (Envoy's panic mode).
 */
export class HostPool {
  readonly hosts: readonly HostHealth[];
  private first = 0;

  constructor(
    private readonly settings: PoolSettings,
    private readonly onChange?: HostListener,
  ) {
    const { hosts } = settings;
    this.hosts = Array.from({ length: hosts }, () => new HostHealth(settings));
  }

  /**
   * The turn of the next call; settle it once.
   *
   * @param except the turn of a failed attempt: a different host is selected,
   *   if there is one
   */
  next(nowMs: number, except: Turn = NO_TURN): Turn {
    const index = this.choose(
      nowMs,
      except === NO_TURN ? -1 : this.indexOf(except),
    );
    this.first = index + 1;
    const host = this.hosts[index];
    const before = host.state;
    const era = host.begin(nowMs);
    this.tellChange(index, before);
    return era * this.hosts.length + index;
  }

  /** The host of a turn. */
  indexOf(turn: Turn): number {
    return turn % this.hosts.length;
  }

  /**
   * Records how a call ended.
   *
   * @returns whether the result says something about the backend as a whole: a
   *   failure of an ejected host doesn't, while others serve
   */
  settle(turn: Turn, outcome: CallOutcome, nowMs: number): boolean {
    if (turn === NO_TURN) return true;
    const index = this.indexOf(turn);
    const host = this.hosts[index];
    const before = host.state;
    host.end(Math.floor(turn / this.hosts.length), outcome, nowMs);
    const isFailure = outcome === 'failure';
    if (isFailure && host.isOutlier && this.mayEject) host.eject(nowMs);
    this.tellChange(index, before);
    return !isFailure || host.state === 'active' || this.activeCount === 0;
  }

  /** Rests a host after a failed connection. */
  rest(index: number, nowMs: number): void {
    const host = this.hosts[index];
    const before = host.state;
    host.rest(nowMs);
    this.tellChange(index, before);
  }

  /** Hosts that serve. */
  get activeCount(): number {
    let count = 0;
    for (const { state } of this.hosts) if (state === 'active') count++;
    return count;
  }

  private get mayEject(): boolean {
    return this.hosts.length - this.activeCount < this.settings.maxEjected;
  }

  private choose(nowMs: number, except: number): number {
    const other = this.pick(nowMs, except, true);
    if (other !== -1) return other;
    if (except !== -1 && this.hosts[except].isAvailable(nowMs)) return except;
    const any = this.pick(nowMs, except, false);
    return any === -1 ? except : any;
  }

  private pick(nowMs: number, except: number, onlyAvailable: boolean): number {
    const { length } = this.hosts;
    const byPending = this.settings.loadBalancing === 'least-pending';
    let best = -1;
    for (let i = 0; i < length; i++) {
      const index = (this.first + i) % length;
      const host = this.hosts[index];
      if (index === except) continue;
      if (onlyAvailable && !host.isAvailable(nowMs)) continue;
      if (!byPending) return index;
      if (best === -1 || host.pending < this.hosts[best].pending) best = index;
    }
    return best;
  }

  private tellChange(index: number, before: HostState): void {
    const { state } = this.hosts[index];
    if (state !== before) this.onChange?.(index, state);
  }
}

/** Distinguishes the calls of one stay in a state from those of another. */
type Era = number;

/**
 * The health of one host of a backend, in the terms of Envoy's outlier
 * detection. A host is ejected by consecutive failures or a failed connection,
 * and returns by one successful call, not by time alone: full traffic at once
 * would fall on a host that may still be down.
 */
class HostHealth {
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
