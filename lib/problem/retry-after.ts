/** The Retry-After of RFC 9110 in whole seconds: rounded up, at least 1; nothing when a retry can never pass. */
export function retryAfterSeconds(
  retryAfterMs: number | undefined,
): number | undefined {
  if (retryAfterMs === undefined || retryAfterMs === Infinity) return undefined;
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  // Larger numbers would be written with an exponent.
  return Math.min(seconds, Number.MAX_SAFE_INTEGER);
}
