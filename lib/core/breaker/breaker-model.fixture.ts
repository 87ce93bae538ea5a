import { BreakerSettings } from './breaker-settings.js';
import { BreakerCounts, BreakerState, CallOutcome } from './circuit-breaker.js';
import { BreakerRates } from './rate-rule.js';

/** The one random number that jitter is tried with; breakers beside the model get it too. */
export const MODEL_RANDOM = 0.5;

interface Entry {
  readonly what: 'begun' | CallOutcome;
  readonly atMs: number;
}

/** The result of a call that counts for the rates. */
interface Result {
  readonly isFailure: boolean;
  readonly isSlow: boolean;
  readonly atMs: number;
}

/** The time between two changes of state, with the results that count for its rates. */
interface Stay {
  readonly state: BreakerState;
  /** How long it lasts, where it is open. */
  readonly openMs: number;
  readonly results: Result[];
}

/** The part of a stay between two drops of the counts, with all that happened in it. */
interface Era {
  readonly stay: Stay;
  readonly beganMs: number;
  readonly log: Entry[];
}

/** A call that the model let through: the era it began in. */
export type ModelPermit = Era;

/**
 * A circuit breaker as a journal: it keeps no counters, writes down what
 * happens and works everything out by reading it again.
 */
export class BreakerModel {
  private era: Era;
  /** Openings since the breaker was last closed. */
  private openings = 0;

  constructor(
    private readonly settings: BreakerSettings,
    nowMs: number,
  ) {
    const stay: Stay = { state: 'closed', openMs: 0, results: [] };
    this.era = { stay, beganMs: nowMs, log: [] };
  }

  tryAcquire(nowMs: number): ModelPermit | undefined {
    const state = this.state(nowMs);
    if (state === 'open' || state === 'forced-open') return undefined;
    if (state === 'half-open' && this.taken() >= this.permits()) {
      return undefined;
    }
    this.era.log.push({ what: 'begun', atMs: nowMs });
    return this.era;
  }

  settle(
    permit: ModelPermit,
    outcome: CallOutcome,
    nowMs: number,
    tookMs: number,
  ): void {
    const state = this.state(nowMs);
    if (permit.stay !== this.era.stay) return;
    if (permit === this.era) this.era.log.push({ what: outcome, atMs: nowMs });
    if (outcome === 'ignored') return;
    const { slowCallMs = Infinity } = this.settings.rates ?? {};
    const isFailure = outcome === 'failure';
    const isSlow = tookMs > slowCallMs;
    const { consecutiveFailures, consecutiveSuccesses } = this.counts();
    if (state === 'closed') {
      this.era.stay.results.push({ isFailure, isSlow, atMs: nowMs });
      const { maxErrors } = this.settings;
      const isBroken =
        consecutiveFailures === maxErrors || this.hasBrokenRate(nowMs);
      if (isBroken) this.enter('open', nowMs);
    } else if (state === 'half-open') {
      if (isFailure || isSlow) this.enter('open', nowMs);
      else if (consecutiveSuccesses === this.permits()) {
        this.enter('closed', nowMs);
      }
    }
  }

  /** Lets probes find out, where calls go through. */
  doubt(nowMs: number): void {
    if (this.state(nowMs) === 'closed') this.enter('half-open', nowMs);
  }

  force(state: 'closed' | 'forced-closed' | 'forced-open', nowMs: number) {
    this.enter(state, nowMs);
  }

  state(nowMs: number): BreakerState {
    const { intervalMs, halfOpenMaxMs } = this.settings;
    const { stay, beganMs } = this.era;
    const ageMs = nowMs - beganMs;
    if (stay.state === 'closed' && intervalMs > 0 && ageMs > intervalMs) {
      this.era = { stay, beganMs: nowMs, log: [] };
    } else if (stay.state === 'open' && ageMs > stay.openMs) {
      this.enter('half-open', nowMs);
    } else if (stay.state === 'half-open' && this.unsettled() > 0) {
      const silentMs = nowMs - this.lastBegunMs();
      if (silentMs > halfOpenMaxMs) this.enter('open', nowMs);
    }
    return this.era.stay.state;
  }

  rates(nowMs: number): BreakerRates {
    const results = this.inWindow(nowMs);
    const share = (of: Result[]) => of.length / Math.max(results.length, 1);
    return {
      calls: results.length,
      failureRate: share(results.filter(({ isFailure }) => isFailure)),
      slowCallRate: share(results.filter(({ isSlow }) => isSlow)),
    };
  }

  counts(): BreakerCounts {
    return {
      requests: this.count('begun'),
      successes: this.count('success'),
      failures: this.count('failure'),
      ignored: this.count('ignored'),
      consecutiveSuccesses: this.lastInARow('success'),
      consecutiveFailures: this.lastInARow('failure'),
    };
  }

  /** Calls of this era that have brought no result yet. */
  unsettled(): number {
    return this.count('begun') - (this.era.log.length - this.count('begun'));
  }

  /** Calls of this era that are out or have counted. */
  taken(): number {
    return this.count('begun') - this.count('ignored');
  }

  private permits(): number {
    return this.settings.halfOpenPermits;
  }

  private enter(state: BreakerState, nowMs: number): void {
    if (state === 'closed') this.openings = 0;
    const openMs = state === 'open' ? this.nextOpenMs() : 0;
    // What was counted while it was closed can still be read until it closes again.
    const results = state === 'closed' ? [] : [...this.era.stay.results];
    this.era = { stay: { state, openMs, results }, beganMs: nowMs, log: [] };
  }

  private nextOpenMs(): number {
    const { openMs, openGrowth } = this.settings;
    if (!openGrowth) return openMs;
    const { factor, maxMs, jitter } = openGrowth;
    const grown = Math.min(openMs * factor ** this.openings++, maxMs);
    return grown * (1 + jitter * MODEL_RANDOM);
  }

  private hasBrokenRate(nowMs: number): boolean {
    const { rates } = this.settings;
    if (!rates) return false;
    const { calls, failureRate, slowCallRate } = this.rates(nowMs);
    return (
      calls >= rates.minimumCalls &&
      (failureRate >= rates.failureRate || slowCallRate >= rates.slowCallRate)
    );
  }

  /** The window ends in the present tenth, and holds nine before it. */
  private inWindow(nowMs: number): Result[] {
    const tenthMs = (this.settings.rates?.windowMs ?? 0) / 10;
    const tenth = (atMs: number) => Math.floor(atMs / tenthMs);
    return this.era.stay.results.filter(
      ({ atMs }) => tenth(atMs) > tenth(nowMs) - 10,
    );
  }

  private count(what: Entry['what']): number {
    return this.era.log.filter((entry) => entry.what === what).length;
  }

  private lastInARow(verdict: 'success' | 'failure'): number {
    const verdicts = this.era.log
      .map(({ what }) => what)
      .filter((what) => what === 'success' || what === 'failure');
    return verdicts.length - 1 - verdicts.findLastIndex((v) => v !== verdict);
  }

  private lastBegunMs(): number {
    return this.era.log.findLast(({ what }) => what === 'begun')!.atMs;
  }
}
