import { ApplicationClass } from '../discovery/application-classes.js';
import { Finding } from '../config/findings.js';
import { DeclaredRoute } from './declared-route.js';
import { guardsOf } from './enhancers.js';

const THROTTLER = 'ThrottlerGuard';

/** Tells of a guard of @nestjs/throttler that counts the requests of limited handlers as well. */
export function secondLimiters(
  classes: readonly ApplicationClass[],
  routes: readonly DeclaredRoute[],
): Finding[] {
  if (routes.length === 0) return [];
  const types = classes.map(({ type }) => type);
  const places = types.some(isThrottler)
    ? [THROTTLER]
    : twiceCounted(new Set(types.filter(isGuarded)), routes);
  return places.map((path) => ({
    code: 'second-limiter',
    path,
    sentence:
      'It counts requests that limits of this library count too: what it refuses never comes to them, and both write X-RateLimit fields.',
    fix: 'Leave it away from handlers with @RouterRateLimit: @SkipThrottle with the name of each throttler, or no guard.',
  }));
}

function twiceCounted(
  guarded: ReadonlySet<Function>,
  routes: readonly DeclaredRoute[],
): string[] {
  return routes
    .filter(({ owner, handler }) => guarded.has(owner) || isGuarded(handler))
    .map(({ label }) => `${THROTTLER} on ${label}`);
}

function isGuarded(decorated: Function): boolean {
  return guardsOf(decorated).some(isThrottler);
}

/** By its name: a class of that name, or one that extends it, as a class or as an instance. */
function isThrottler(guard: unknown): boolean {
  let type: unknown =
    typeof guard === 'object' && guard !== null ? guard.constructor : guard;
  while (typeof type === 'function' && type !== Function.prototype) {
    if (type.name === THROTTLER) return true;
    type = Object.getPrototypeOf(type);
  }
  return false;
}
