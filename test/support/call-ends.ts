import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isAxiosError, isCancel } from 'axios';
import {
  BackendBusyException,
  BackendRateLimitedException,
  BackendTimeoutException,
  BackendUnreachableException,
  CircuitOpenException,
} from 'nestjs-floodgate';
import { onTestFinished } from 'vitest';

/** How a call ended, in a word: the status of its answer, or what its caller got instead. */
export type CallEnd =
  | `${number}`
  | 'BackendTimeoutException'
  | 'BackendUnreachableException'
  | 'refused'
  | 'cancelled'
  | `unexpected ${string}`;

/** A call that is over. */
export interface EndedCall {
  readonly end: CallEnd;
  readonly tookMs: number;
  /** How much of that the event loop was held up for, where somebody watches. */
  readonly heldUpMs: number;
}

/** Waits for the end of a call, whatever it is. */
export async function endOf(
  call: Promise<{ status: number }>,
  loop?: WatchedLoop,
): Promise<EndedCall> {
  const startMs = performance.now();
  const heldUpBeforeMs = loop?.heldUpMs ?? 0;
  const end = await call.then(({ status }): CallEnd => `${status}`, wordFor);
  return {
    end,
    tookMs: performance.now() - startMs,
    heldUpMs: (loop?.heldUpMs ?? 0) - heldUpBeforeMs,
  };
}

function wordFor(error: unknown): CallEnd {
  if (error instanceof BackendTimeoutException)
    return 'BackendTimeoutException';
  if (error instanceof BackendUnreachableException)
    return 'BackendUnreachableException';
  if (error instanceof BackendRateLimitedException) return 'refused';
  if (error instanceof BackendBusyException) return 'refused';
  if (error instanceof CircuitOpenException) return 'refused';
  if (isCancel(error)) return 'cancelled';
  if (isAxiosError(error) && error.response) return `${error.response.status}`;
  return `unexpected ${String(error)}`;
}

/**
 * Watches the event loop until the test ends. What holds it up (the upstream
 * in the same process, other work on the machine) delays every timer, and is
 * not what a test of a deadline is about.
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
  }, BEAT_MS);

  constructor() {
    onTestFinished(() => clearInterval(this.timer));
  }

  /** So far, in milliseconds, a hold-up that has just ended included. */
  get heldUpMs(): number {
    const lateMs = performance.now() - this.beatMs - BEAT_MS;
    return this.passedMs + (lateMs > HOLD_UP_MS ? lateMs : 0);
  }
}
