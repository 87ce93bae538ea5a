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

/** Counts the calls of a generation. */
export class CallTally implements BreakerCounts {
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
