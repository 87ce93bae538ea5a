/** What a breaker is made from. At least one rule must be able to open it. */
export interface BreakerSettings {
  /** Consecutive failures that open the breaker; a whole number from 1, or `Infinity` where only rates do. */
  readonly maxErrors: number;
  /** Counts older than this are dropped while closed; 0 keeps them for ever. Rates have a window of their own. */
  readonly intervalMs: number;
  /** How long the breaker stays open before it lets probes through. */
  readonly openMs: number;
  /** How that time grows and varies; without it, it never does. */
  readonly openGrowth?: OpenGrowth;
  /** Shares of failing and of slow calls that open the breaker. */
  readonly rates?: RateSettings;
  /** Probes let through while half-open, and successes in a row that close it; a whole number from 1. */
  readonly halfOpenPermits: number;
  /** A probe without a result for this long opens the breaker again: one that hangs must not hold everyone. `Infinity` waits for it. */
  readonly halfOpenMaxMs: number;
}

/** How the open time changes from one opening to the next. */
export interface OpenGrowth {
  /** Each opening in a row is so many times as long as the one before; from 1. */
  readonly factor: number;
  /** The longest it becomes, before jitter. */
  readonly maxMs: number;
  /** The share of itself that is added at random, from 0 to 1: instances that opened together should not probe together. */
  readonly jitter: number;
}

/** Which shares of the calls in a sliding window open a breaker. */
export interface RateSettings {
  /** How far back the window reaches. */
  readonly windowMs: number;
  /** Calls that must be in the window before a share means anything; a whole number from 1. */
  readonly minimumCalls: number;
  /** The share of failures that opens, above 0 and at most 1; `Infinity` for none. */
  readonly failureRate: number;
  /** The share of slow calls that opens, above 0 and at most 1; `Infinity` for none. */
  readonly slowCallRate: number;
  /** A call that takes longer is slow. */
  readonly slowCallMs: number;
}
