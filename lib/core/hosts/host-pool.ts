import { CallOutcome } from '../breaker/call-tally.js';
import { HostHealth, HostSettings, HostState } from './host-health.js';

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
