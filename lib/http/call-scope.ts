import { AsyncLocalStorage } from 'node:async_hooks';
import { RequestLife } from './request-life.js';
import { remainingMs } from '../core/time/deadline.js';

/** A running call of a decorated method, with the backend that its decorator names. */
export interface EntryFrame {
  readonly backend: string;
  /** A unique object for each use of a decorator. */
  readonly entry: object;
  /** The class of the running method. */
  readonly owner: Function;
  /** The frame of the calling decorated method. */
  readonly outer: EntryFrame | undefined;
}

/** What running code inherits from the endpoint and the decorated methods around it. */
export interface CallScope {
  readonly life?: RequestLife;
  readonly frame?: EntryFrame;
}

/** Propagates the scope through promises, timers and callbacks. */
export const callScope = new AsyncLocalStorage<CallScope>();

/**
 * The request that `scope` belongs to, as long as it is in progress. Work that
 * a handler leaves behind, such as a poller started by the first request, is
 * not bound by that request's deadline or caller.
 */
export function requestOf(
  scope: CallScope | undefined,
): RequestLife | undefined {
  return scope?.life?.isPast ? undefined : scope?.life;
}

/** The frame of the innermost decorated method around `scope` that uses `backend`. */
export function frameFor(
  scope: CallScope | undefined,
  backend: string,
): EntryFrame | undefined {
  let frame = scope?.frame;
  while (frame && frame.backend !== backend) frame = frame.outer;
  return frame;
}

/**
 * The milliseconds left until the deadline of the current request; `Infinity`
 * without a deadline. Parallel and nested work see the same value.
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
