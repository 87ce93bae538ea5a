import { AsyncLocalStorage } from 'node:async_hooks';
import { RequestLife } from './request-life.js';
import { remainingMs } from '../core/time/deadline.js';

/** One use of one backend by one decorated method of one class. */
export interface EntryFrame {
  readonly backend: string;
  /** The decoration, unique to it. */
  readonly entry: object;
  /** The class whose method runs. */
  readonly owner: Function;
  /** The frame of the decorated method that called this one. */
  readonly outer: EntryFrame | undefined;
}

/** What the code that runs now inherits from the endpoint and the decorated methods around it. */
export interface CallScope {
  readonly life?: RequestLife;
  readonly frame?: EntryFrame;
}

/** Carries the scope through promises, timers and callbacks. */
export const callScope = new AsyncLocalStorage<CallScope>();

/**
 * The request that `scope` works for, while it is one. What a handler leaves
 * behind, such as a poller that the first request started, outlives its
 * deadline and its caller.
 */
export function requestOf(
  scope: CallScope | undefined,
): RequestLife | undefined {
  return scope?.life?.isPast ? undefined : scope?.life;
}

/** The innermost decorated method around `scope` that uses `backend`. */
export function frameFor(
  scope: CallScope | undefined,
  backend: string,
): EntryFrame | undefined {
  let frame = scope?.frame;
  while (frame && frame.backend !== backend) frame = frame.outer;
  return frame;
}

/**
 * Milliseconds that are left of the request that the running code works for;
 * `Infinity` where nothing bounds it. Parallel and nested work see the same.
 *
 * @example
 * ```ts
 * if (remainingTimeMs() < 200) return this.cached(id);
 * ```
 */
export function remainingTimeMs(): number {
  const life = requestOf(callScope.getStore());
  if (life === undefined) return Infinity;
  return life.end ? 0 : remainingMs(life.deadline, performance.now());
}
