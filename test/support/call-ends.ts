import { isAxiosError, isCancel } from 'axios';
import {
  BackendBusyException,
  BackendRateLimitedException,
  BackendTimeoutException,
  BackendUnreachableException,
  CircuitOpenException,
} from 'nestjs-floodgate';
import type { WatchedLoop } from './held-up.js';

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
