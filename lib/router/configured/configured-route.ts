import { Fault } from '../../config/fault.js';
import { RouteConfig } from '../../config/schema/route.schema.js';
import { DecoratorLimits, LimitSources } from '../decorator-limits.js';
import { RouteLimit } from '../route-limit.js';
import { RoutePattern, routePattern } from './route-pattern.js';

/** A route of the configuration, with its policies looked up. */
export interface ConfiguredRoute {
  /** As it was written: `GET /products/{id}`. */
  readonly key: string;
  readonly method: string;
  readonly pattern: RoutePattern;
  readonly limits: readonly RouteLimit[];
  readonly timeoutMs?: number;
}

/** Where a route stands, for people. */
export function routePath(key: string): string {
  return `routes["${key}"]`;
}

/** Reads the routes of the configuration; what is wrong goes to the faults. */
export function configuredRoutes(
  routes: Readonly<Record<string, RouteConfig>>,
  sources: LimitSources,
): ConfiguredRoute[] {
  const limits = new DecoratorLimits(sources);
  const read = Object.entries(routes).map(([key, route]) => {
    const [method, path] = key.split(' ');
    return {
      key,
      method,
      pattern: routePattern(path),
      limits: limits.configured(route.limits, `${routePath(key)}.limits`),
      timeoutMs: route.timeout,
    };
  });
  sources.faults.push(...sameRoutes(read));
  return read;
}

/** Two keys may mean one route: `{id}` and `:id` are the same. */
function sameRoutes(routes: readonly ConfiguredRoute[]): Fault[] {
  const known = new Map<string, string>();
  return routes.flatMap(({ key, method, pattern }) => {
    const identity = `${method} ${pattern.shape}`;
    const first = known.get(identity);
    known.set(identity, first ?? key);
    if (first === undefined) return [];
    return [
      {
        path: routePath(key),
        found: 'a second entry for one route',
        allowed: `one entry for each route; "${first}" is the same`,
      },
    ];
  });
}
