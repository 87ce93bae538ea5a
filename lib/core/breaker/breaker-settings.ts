/** The settings of a breaker. At least one rule must be able to open it. */
export interface BreakerSettings {
  /** Consecutive failures that open the breaker: a whole number from 1, or `Infinity` if only rates open it. */
  readonly maxErrors: number;
  /** While closed, the count of failures restarts at this interval; 0 never restarts it. Rates have their own window. */
  readonly intervalMs: number;
  /** How long the breaker stays open before it lets probes through, in milliseconds. */
  readonly openMs: number;
  /** How that time grows and varies. Default: it stays the same. */
  readonly openGrowth?: OpenGrowth;
  /** The shares of failing and of slow calls that open the breaker. Default: none. */
  readonly rates?: RateSettings;
  /** Probes let through while half-open, and consecutive successes that close it; a whole number from 1. */
  readonly halfOpenPermits: number;
  /**
   * A probe without a result for this long opens the breaker again, so that a
   * hanging probe doesn't block everyone. `Infinity` waits for it.
   */
  readonly halfOpenMaxMs: number;
}

/** How the open time changes from one opening to the next. */
export interface OpenGrowth {
  /** Each consecutive opening is this many times as long as the one before; from 1. */
  readonly factor: number;
  /** The longest open time, in milliseconds, before jitter. */
  readonly maxMs: number;
  /** The share of the open time added at random, from 0 to 1: instances that opened together shouldn't probe together. */
  readonly jitter: number;
}

/** Which shares of the calls in a sliding window open a breaker. */
export interface RateSettings {
  /** The length of the window, in milliseconds. */
  readonly windowMs: number;
  /** Calls that the window must hold before a share means anything; a whole number from 1. */
  readonly minimumCalls: number;
  /** The share of failures that opens the breaker, above 0 and at most 1; `Infinity` for none. */
  readonly failureRate: number;
  /** The share of slow calls that opens the breaker, above 0 and at most 1; `Infinity` for none. */
  readonly slowCallRate: number;
  /** A call that takes longer, in milliseconds, is slow. */
  readonly slowCallMs: number;
}
