import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TestOptions } from 'vitest';
import { beforeEach, onTestFinished } from 'vitest';

const longest = monitorEventLoopDelay({ resolution: 5 });
longest.enable();

/** Beyond the ordinary coming and going of callbacks. */
const HELD_UP_NS = 20e6;
const ATTEMPTS = 5;

/**
 * For tests in which real time passes: what the event loop is held up for (the
 * upstream in the same process, other work on the machine) makes timers due in
 * one turn that are far apart. A test that fails after that says nothing, and is
 * tried again; one that fails without is not.
 */
export const againIfHeldUp: TestOptions = {
  retry: {
    count: ATTEMPTS - 1,
    condition: () => longest.max > HELD_UP_NS,
  },
};

beforeEach(() => longest.reset());

/**
 * Watches the event loop until the test ends.
 *
 * @returns the longest that it has been held up so far, in milliseconds
 */
export function watchLoop(): () => number {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  onTestFinished(() => {
    delay.disable();
  });
  return () => delay.max / 1e6;
}

const BEAT_MS = 5;
/** What takes less is the ordinary coming and going of callbacks. */
const HOLD_UP_MS = 3;

/** Adds up all that the event loop was held up for, of which one call may meet several. */
export class WatchedLoop {
  private passedMs = 0;
  private beatMs = performance.now();
  private readonly timer = setInterval(() => {
    this.passedMs = this.heldUpMs;
    this.beatMs = performance.now();
  }, BEAT_MS).unref();

  constructor() {
    onTestFinished(() => clearInterval(this.timer));
  }

  /** So far, in milliseconds, a hold-up that has just ended included. */
  get heldUpMs(): number {
    const lateMs = performance.now() - this.beatMs - BEAT_MS;
    return this.passedMs + (lateMs > HOLD_UP_MS ? lateMs : 0);
  }
}

/** How long something took, whatever its end, without what the event loop was held up for meanwhile. */
export async function undisturbedMs(
  promise: Promise<unknown>,
): Promise<number> {
  const loop = new WatchedLoop();
  const startMs = performance.now();
  await promise.catch(() => {});
  return performance.now() - startMs - loop.heldUpMs;
}
