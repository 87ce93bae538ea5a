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
