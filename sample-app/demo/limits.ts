/** A rate that the storefront promises to keep to. */
export interface PromisedRate {
  maxRate: number;
  /** The window of `maxRate`, in milliseconds. */
  everyMs: number;
  capacity: number;
}

// Written out a second time on purpose: a promise read from the code that is
// under test would hold whatever that code says.
export const PAGE_PER_CLIENT = { maxRate: 5, everyMs: 1000, capacity: 10 };
export const SEARCH = { maxRate: 10, everyMs: 1000, capacity: 10 };
export const CATALOG = { maxRate: 40, everyMs: 1000, capacity: 40 };
export const SIMILAR_OF_CATALOG = { maxRate: 5, everyMs: 1000, capacity: 5 };
export const PRICES = { maxRate: 20, everyMs: 1000, capacity: 20 };
export const PRICES_TIMEOUT_MS = 1_000;

/** How long prices take once they are slow. */
export const SLOW_MS = 3_000;
