import {
  BreakerCounts,
  BreakerSettings,
  BreakerState,
  CallOutcome,
} from './circuit-breaker.js';

interface Entry {
  readonly what: 'begun' | CallOutcome;
  readonly atMs: number;
}

/** The time between two changes of state or two drops of the counts, with all that happened in it. */
interface Era {
  readonly state: BreakerState;
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

  constructor(
    private readonly settings: BreakerSettings,
    nowMs: number,
  ) {
    this.era = { state: 'closed', beganMs: nowMs, log: [] };
  }

  tryAcquire(nowMs: number): ModelPermit | undefined {
    if (this.state(nowMs) === 'open') return undefined;
    if (this.state(nowMs) === 'half-open' && this.taken() >= this.permits()) {
      return undefined;
    }
    this.era.log.push({ what: 'begun', atMs: nowMs });
    return this.era;
  }

  settle(permit: ModelPermit, outcome: CallOutcome, nowMs: number): void {
    this.state(nowMs);
    if (permit !== this.era) return;
    this.era.log.push({ what: outcome, atMs: nowMs });
    const { consecutiveFailures, consecutiveSuccesses } = this.counts();
    if (this.era.state === 'closed') {
      const { maxErrors } = this.settings;
      if (consecutiveFailures === maxErrors) this.enter('open', nowMs);
    } else if (outcome === 'failure') {
      this.enter('open', nowMs);
    } else if (consecutiveSuccesses === this.permits()) {
      this.enter('closed', nowMs);
    }
  }

  state(nowMs: number): BreakerState {
    const { intervalMs, openMs, halfOpenMaxMs } = this.settings;
    const { state, beganMs } = this.era;
    const ageMs = nowMs - beganMs;
    if (state === 'closed' && intervalMs > 0 && ageMs > intervalMs) {
      this.enter('closed', nowMs);
    } else if (state === 'open' && ageMs > openMs) {
      this.enter('half-open', nowMs);
    } else if (state === 'half-open' && this.unsettled() > 0) {
      const silentMs = nowMs - this.lastBegunMs();
      if (silentMs > halfOpenMaxMs) this.enter('open', nowMs);
    }
    return this.era.state;
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
    this.era = { state, beganMs: nowMs, log: [] };
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
