import type { AxiosResponse } from 'axios';

/** How long an answer asks its caller to stay away (RFC 9110, 10.2.3), in milliseconds; 0 where it says nothing that can be read. */
export function wantedPauseMs(
  answer: AxiosResponse | undefined,
  wallClockMs: number,
): number {
  const text: unknown = answer?.headers['retry-after'];
  if (typeof text !== 'string') return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - wallClockMs);
}
