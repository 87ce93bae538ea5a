import { SetMetadata, UseInterceptors } from '@nestjs/common';
import { LimitText } from '../../config/schema/limit-text.js';
import { RouterLimitOptions } from '../../config/schema/router-limit.schema.js';
import { markCopy } from '../../config/application-classes.js';
import { RouterRateLimitInterceptor } from '../enforce/router-rate-limit.interceptor.js';
import { BOUND, FROM_ROUTES, LIMITS, SKIPPED } from './metadata.js';

/** A limit, a string such as `'100/1m'`, or the name of a policy in the configuration. */
export type RouterLimitArgument =
  RouterLimitOptions | LimitText | (string & {});

/**
 * Limits what callers do to an endpoint: all of them together (`maxRate`,
 * refused with 503), each client (`clientMaxRate`, refused with 429), or both.
 *
 * On a controller it gives each handler its own buckets. The limits of
 * controller and handler, and the limits of a list, form one plan: either a
 * request passes all of them, or none is charged.
 *
 * Without arguments, the configuration's `routes` provide the limits, by the
 * handler's method and path.
 *
 * The application needs `ThrottleModule` in its root module; without it, it
 * doesn't start. Wrong limits don't throw here: they are faults of the
 * ThrottleConfigError at startup.
 *
 * @param limits one limit, several, or none; rates are tokens per `every`
 *   (default 1s), `capacity` defaults to 1
 * @example
 * ```ts
 * @RouterRateLimit({ maxRate: 100, capacity: 100, clientMaxRate: 5, clientCapacity: 10 })
 * @Get('search')
 * search() {}
 * ```
 */
export function RouterRateLimit(
  limits?: RouterLimitArgument | readonly RouterLimitArgument[],
): ClassDecorator & MethodDecorator {
  return (
    target: object,
    _key?: string | symbol,
    descriptor?: PropertyDescriptor,
  ) => {
    const decorated = (descriptor ? descriptor.value : target) as Function;
    const owner = descriptor ? target.constructor : (target as Function);
    const present = Reflect.getOwnMetadata(LIMITS, decorated) as
      readonly unknown[] | undefined;
    // A separate list for each decorated function, by which its wrappers are recognised.
    const all = [...limitsIn(limits), ...(present ?? [])];
    Reflect.defineMetadata(LIMITS, all, decorated);
    markCopy(decorated);
    bindInterceptor(owner);
  };
}

function limitsIn(
  limits: RouterLimitArgument | readonly RouterLimitArgument[] | undefined,
): readonly unknown[] {
  if (limits === undefined) return [FROM_ROUTES];
  return Array.isArray(limits) ? limits : [limits];
}

/**
 * Binds our interceptor to the class, even for a limit on a handler. Nest looks
 * up a handler's interceptors on the function that stands for it, which a
 * wrapper may have replaced, but those of the class on the class.
 */
function bindInterceptor(owner: Function): void {
  // Subclasses inherit it; a second one would charge twice.
  if (Reflect.hasMetadata(BOUND, owner)) return;
  Reflect.defineMetadata(BOUND, true, owner);
  UseInterceptors(RouterRateLimitInterceptor)(owner);
}

/**
 * Exempts a handler from the limits of its controller, whatever their names.
 * The handler's own limits stay, and so does `service`.
 *
 * @example
 * ```ts
 * @SkipRouterRateLimit()
 * @Get('health')
 * health() {}
 * ```
 */
export function SkipRouterRateLimit(): MethodDecorator {
  const skip = SetMetadata(SKIPPED, true);
  return (
    target: object,
    key: string | symbol,
    descriptor: PropertyDescriptor,
  ) => {
    markCopy(descriptor.value as Function);
    skip(target, key, descriptor);
  };
}
