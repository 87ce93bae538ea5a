const FIRST_MS = 25;
const LONGEST_MS = 500;

/** How long to wait before the `retry`-th attempt to connect, from 1; a returning Redis is noticed within half a second. */
export function reconnectDelayMs(retry: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(retry, 10), LONGEST_MS);
}

/** Longest attempt to connect. */
export const CONNECT_TIMEOUT_MS = 1_000;
