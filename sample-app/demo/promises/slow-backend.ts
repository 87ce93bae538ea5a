import type { Answer } from '../evidence.js';
import { PRICES_TIMEOUT_MS, SLOW_MS } from '../limits.js';
import type { Judge } from './verdict.js';

/** What callers and gateway add to the timeout. Now and then it is more, on a machine with other things to do. */
const OVERHEAD_MS = 200;

export const slowBackendIsCutOff: Judge = ({ answers }) => {
  const timedOut = answers.filter(
    ({ phase, status }) => phase === 'slow' && status === 504,
  );
  const tookMs = timedOut.map(durationMs).toSorted((a, b) => a - b);
  const medianMs = tookMs[Math.floor(tookMs.length / 2)] ?? Infinity;
  const longestMs = Math.max(
    ...answers.filter(({ phase }) => phase === 'slow').map(durationMs),
  );
  return {
    promise: `A backend that takes ${SLOW_MS} ms is cut off with 504 after ${PRICES_TIMEOUT_MS} ms`,
    kept:
      medianMs >= PRICES_TIMEOUT_MS &&
      medianMs <= PRICES_TIMEOUT_MS + OVERHEAD_MS &&
      longestMs < SLOW_MS,
    detail: `504 ×${timedOut.length}, half of them within ${medianMs.toFixed(0)} ms; nobody waited longer than ${longestMs.toFixed(0)} ms`,
  };
};

function durationMs({ sentMs, answeredMs }: Answer): number {
  return answeredMs - sentMs;
}
