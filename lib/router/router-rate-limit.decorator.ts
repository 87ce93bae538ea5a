import { SetMetadata } from '@nestjs/common';
import { LimitText } from '../config/schema/limit-text.js';
import { RouterLimitOptions } from '../config/schema/router-limit.schema.js';
import { marksOf } from '../discovery/marks.js';
import { FROM_ROUTES, LIMITS, SKIPPED } from './metadata.js';
import { enhancers } from './decision-place.js';
import { bindGuard } from './enhancers.js';

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
  const added = limitsIn(limits);
  return (
    target: object,
    _key?: string | symbol,
    descriptor?: PropertyDescriptor,
  ) => {
    const decorated = (descriptor ? descriptor.value : target) as Function;
    const marks = marksOf(decorated);
    const isLimited = marks.includes(LIMITS);
    const present = isLimited
      ? (Reflect.getOwnMetadata(LIMITS, decorated) as unknown[] | undefined)
      : undefined;
    const limits = present ? [...added, ...present] : added;
    Reflect.defineMetadata(LIMITS, limits, decorated);
    // A base class that has limits passes its guard on; a second one would charge twice.
    if (present || (isLimited && !descriptor)) return;
    // Without our module Nest cannot make it, so that no application starts unlimited.
    const { guard } = enhancers[descriptor ? 'handler' : 'controller'];
    bindGuard(guard, decorated, marks);
  };
}

function limitsIn(
  limits: RouterLimitArgument | readonly RouterLimitArgument[] | undefined,
): readonly unknown[] {
  if (limits === undefined) return [FROM_ROUTES];
  return Array.isArray(limits) ? limits : [limits];
}

/** Leaves a handler out of the limits of its controller, whatever their names; limits of its own stay, and so does that of the whole application. */
export function SkipRouterRateLimit(): MethodDecorator {
  return SetMetadata(SKIPPED, true);
}
