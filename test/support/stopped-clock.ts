/**
 * The clock of `lib/stores/clock.js`, standing still until a test puts it
 * forward, so that no bucket refills while a busy machine takes its time. It
 * begins at a whole millisecond, so that a wait of a second is one of a second
 * and not a billionth more:
 *
 *   vi.mock('../../lib/stores/clock.js', () => import('../support/stopped-clock.js'));
 */
let nowMs = Math.ceil(performance.now());

export const processClock = (): number => nowMs;

/** Lets so many milliseconds pass. */
export function putForward(ms: number): void {
  nowMs += ms;
}
