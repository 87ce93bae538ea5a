import { remainingMs } from '../core/time/deadline.js';
import { callScope, requestOf } from './call-scope.js';

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
