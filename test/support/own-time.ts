import { readFileSync } from 'node:fs';

const SCHEDSTAT = '/proc/thread-self/schedstat';

function readRunMs(): number {
  return Number(readFileSync(SCHEDSTAT, 'latin1').split(' ', 1)[0]) / 1e6;
}

function hasSchedstat(): boolean {
  try {
    return readRunMs() > 0;
  } catch {
    return false;
  }
}

/**
 * Milliseconds that this thread has run, so that a pause is ours and not that
 * of a busy machine: Linux tells it of each thread. Elsewhere the time of day
 * stands in.
 */
export const ownTimeMs: () => number = hasSchedstat()
  ? readRunMs
  : () => performance.now();
