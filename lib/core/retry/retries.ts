/** How many retries a backend may get. */
export interface RetryBudgetSettings {
  /** Retries earned per call, such as 0.2 for one in five calls. */
  readonly ratio: number;
  /** Retries earned per second, however few calls there are. */
  readonly minPerSecond: number;
  /** Retries that can be saved up; the budget starts with as many. */
  readonly burst: number;
}

/** The retries and hedges of a backend that its budget paid for, and those that it suppressed. */
export interface RetryBudgetCounts {
  /** Retries and hedges that the budget paid for. */
  readonly made: number;
  /** Retries and hedges that the budget suppressed. */
  readonly suppressed: number;
}

/**
 * Limits retries to a share of the calls, so that a backend in trouble gets a
 * little more work and not a multiple of it. It is a token bucket that calls
 * fill in addition to time: an interval of length T with n calls sees at most
 * `burst + ratio · n + minPerSecond · T` retries. It is modelled on Finagle's
 * RetryBudget and gRPC's retry throttling (gRFC A6).
 */
export class RetryBudget {
  private saved: number;
  private made = 0;
  private suppressed = 0;

  /** Starts full. */
  constructor(
    private readonly settings: RetryBudgetSettings,
    private filledMs: number,
  ) {
    this.saved = settings.burst;
  }

  /** Counts a call, which earns its share of a retry. */
  deposit(nowMs: number): void {
    this.fill(nowMs, this.settings.ratio);
  }

  /** Pays for one retry. Returns `false`, and changes nothing, if the budget is too low. */
  withdraw(nowMs: number): boolean {
    this.fill(nowMs, 0);
    if (this.saved < 1) {
      this.suppressed++;
      return false;
    }
    this.saved--;
    this.made++;
    return true;
  }

  /** The retries paid for and suppressed so far. */
  get counts(): RetryBudgetCounts {
    const { made, suppressed } = this;
    return { made, suppressed };
  }

  private fill(nowMs: number, earned: number): void {
    const { minPerSecond, burst } = this.settings;
    // A clock that appears to go back earns nothing.
    const elapsedMs = Math.max(0, nowMs - this.filledMs);
    const filled = this.saved + earned + (elapsedMs * minPerSecond) / 1000;
    this.saved = Math.min(burst, filled);
    this.filledMs += elapsedMs;
  }
}

/** How the pauses between attempts grow, in milliseconds. */
export interface BackoffSettings {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * The pause before a retry: random between zero and a bound that doubles each
 * time. This "full jitter" spreads the callers of a failed backend best (M.
 * Brooker, Exponential Backoff And Jitter, AWS 2015).
 *
 * @param retry 1 for the first
 * @param random from 0 to below 1
 * @returns milliseconds
 */
export function backoffMs(
  { baseMs, maxMs }: BackoffSettings,
  retry: number,
  random: number,
): number {
  return random * Math.min(maxMs, baseMs * 2 ** (retry - 1));
}
