import { SetMetadata, UseInterceptors } from '@nestjs/common';
import { LimitText } from '../../config/schema/limit-text.js';
import { RouterLimitOptions } from '../../config/schema/router-limit.schema.js';
import { markCopy } from '../../config/application-classes.js';
import { RouterRateLimitInterceptor } from '../enforce/router-rate-limit.interceptor.js';
import { BOUND, FROM_ROUTES, LIMITS, SKIPPED } from './metadata.js';

/** One limit, a text such as `'100/1m'`, or the name of a policy of the configuration. */
export type RouterLimitArgument =
  RouterLimitOptions | LimitText | (string & {});

/**
 * Limits what callers do to an endpoint: all together (`maxRate`, refused with
 * 503), each client apart (`clientMaxRate`, refused with 429), or both.
 *
 * On a controller it gives each of its handlers buckets of its own. Limits of
 * controller and handler, and several limits in a list, form one plan: a
 * request passes all of them or is charged by none.
 *
 * Without arguments the limits are those of the handler's method and path in
 * `routes` of the configuration.
 *
 * The application needs `ThrottleModule` in its root module; without it, it does
 * not start.
 *
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
    // A list of its own for each decorated function, by which wrappers of it are recognised.
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
 * Binds our interceptor to the class, also for a limit on a handler: Nest looks
 * up the interceptors of a handler on the function that stands for it, which a
 * wrapper may have replaced, but those of the class on the class.
 */
function bindInterceptor(owner: Function): void {
  // Base classes pass theirs on; a second one would charge twice.
  if (Reflect.hasMetadata(BOUND, owner)) return;
  Reflect.defineMetadata(BOUND, true, owner);
  UseInterceptors(RouterRateLimitInterceptor)(owner);
}

/**
 * Leaves a handler out of the limits of its controller, whatever their names.
 * Limits of its own stay, and so does `service`.
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
