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
