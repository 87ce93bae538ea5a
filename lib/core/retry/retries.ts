/** How many retries a backend is worth. */
export interface RetryBudgetSettings {
  /** Retries earned by each call, such as 0.2 for one in five calls. */
  readonly ratio: number;
  /** Retries earned by each second, however few calls there are. */
  readonly minPerSecond: number;
  /** Retries that can be saved up. */
  readonly burst: number;
}

/** What a backend has spent on retries and hedges, and what it was not allowed to. */
export interface RetryBudgetCounts {
  /** Retries and hedges that the budget paid for. */
  readonly made: number;
  /** Those that it did not. */
  readonly suppressed: number;
}

/**
 * Keeps retries to a share of the calls, so that a backend in trouble gets a
 * little more work and not a multiple of it. A token bucket that calls fill
 * beside time: any interval of length T with n calls sees at most
 * `burst + ratio · n + minPerSecond · T` retries. Finagle's RetryBudget and
 * gRPC's retry throttling (gRFC A6) are its models.
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

  /** Takes note of a call, which earns its share of a retry. */
  deposit(nowMs: number): void {
    this.fill(nowMs, this.settings.ratio);
  }

  /** Pays for one retry; `false`, and nothing changes, where there is not enough for it. */
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

  /** What it has paid for, and what it has not. */
  get counts(): RetryBudgetCounts {
    const { made, suppressed } = this;
    return { made, suppressed };
  }

  private fill(nowMs: number, earned: number): void {
    const { minPerSecond, burst } = this.settings;
    // A clock that seems to go back earns nothing.
    const elapsedMs = Math.max(0, nowMs - this.filledMs);
    const filled = this.saved + earned + (elapsedMs * minPerSecond) / 1000;
    this.saved = Math.min(burst, filled);
    this.filledMs += elapsedMs;
  }
}

/** How the pauses between attempts grow. */
export interface BackoffSettings {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * The pause before a retry: anything up to a bound that doubles each time.
 * "Full jitter", which spreads the callers of a backend that fell over best
 * (M. Brooker, Exponential Backoff And Jitter, AWS 2015).
 *
 * @param retry 1 for the first
 * @param random from 0 up to 1
 */
export function backoffMs(
  { baseMs, maxMs }: BackoffSettings,
  retry: number,
  random: number,
): number {
  return random * Math.min(maxMs, baseMs * 2 ** (retry - 1));
}
