import { OnModuleInit } from '@nestjs/common';
import { Findings } from '../../config/findings.js';
import { DeclaredRoute } from '../declared-route.js';
import { RouteGates } from '../route-gates.js';
import { ConfiguredRoute, routePath } from './configured-route.js';
import { limitsAt } from './limits-at.js';
import { routePattern } from './route-pattern.js';
import { ServedRoute, ServedRoutes } from './served-routes.js';

interface Match {
  readonly route: ConfiguredRoute;
  readonly at: ServedRoute;
}

/**
 * Gives handlers under `@RouterRateLimit()` what the configuration says of
 * their routes. Prefixes and versions are set after the module was made, so
 * this waits until the application initialises.
 */
export class ConfiguredRoutes implements OnModuleInit {
  constructor(
    private readonly configured: readonly ConfiguredRoute[],
    private readonly declared: readonly DeclaredRoute[],
    private readonly served: ServedRoutes,
    private readonly gates: RouteGates,
    private readonly findings: Findings,
  ) {}

  onModuleInit(): void {
    this.gates.build(this.complete());
  }

  /** The handlers under `@RouterRateLimit()` that have limits, with all of them. */
  complete(): DeclaredRoute[] {
    const byShape = groupedByShape(this.configured);
    const matched = new Set<ConfiguredRoute>();
    const routes = this.declared
      .filter(({ isConfigured }) => isConfigured)
      .flatMap((declared) => {
        const matches = this.matchesOf(declared, byShape);
        matches.forEach(({ route }) => matched.add(route));
        this.remarkOnHandler(declared, matches);
        const route = completed(declared, matches);
        return matches.length + route.limits.length > 0 ? [route] : [];
      });
    for (const route of this.configured) {
      if (!matched.has(route)) this.remarkOnRoute(route);
    }
    return routes;
  }

  /** Each route of the configuration that the handler serves, once. */
  private matchesOf(
    { owner, handler }: DeclaredRoute,
    byShape: ReadonlyMap<string, readonly ConfiguredRoute[]>,
  ): Match[] {
    const matches = new Map<ConfiguredRoute, Match>();
    for (const at of this.served.of(owner, handler)) {
      for (const route of byShape.get(routePattern(at.path).shape) ?? []) {
        if (at.method !== 'ALL' && at.method !== route.method) continue;
        if (!matches.has(route)) matches.set(route, { route, at });
      }
    }
    return [...matches.values()];
  }

  private remarkOnHandler(
    { label }: DeclaredRoute,
    matches: readonly Match[],
  ): void {
    if (matches.length === 0) {
      this.findings.add({
        code: 'handler-without-route',
        path: `@RouterRateLimit() on ${label}`,
        sentence: 'No route of the configuration has its method and path.',
        fix: 'Add it to routes, or write the limit in the decorator.',
      });
    }
    if (matches.length > 1) {
      const keys = matches.map(({ route }) => `"${route.key}"`).join(' and ');
      this.findings.add({
        code: 'handler-with-several-routes',
        path: `@RouterRateLimit() on ${label}`,
        sentence: `It serves ${keys}, and each of its requests must pass the limits of all of them.`,
        fix: 'Give each route a handler of its own, or keep one of them in the configuration.',
      });
    }
  }

  private remarkOnRoute({ key }: ConfiguredRoute): void {
    this.findings.add({
      code: 'route-without-handler',
      path: routePath(key),
      sentence:
        'No handler under @RouterRateLimit() has its method and path, so its limits are not in force.',
      fix: 'Put @RouterRateLimit() on the handler, check its path with all prefixes, or drop the route.',
    });
  }
}

function groupedByShape(
  routes: readonly ConfiguredRoute[],
): Map<string, ConfiguredRoute[]> {
  const byShape = new Map<string, ConfiguredRoute[]>();
  for (const route of routes) {
    const { shape } = route.pattern;
    byShape.set(shape, [...(byShape.get(shape) ?? []), route]);
  }
  return byShape;
}

/** The handler's own limits and those of its routes; the shortest deadline of all. */
function completed(
  declared: DeclaredRoute,
  matches: readonly Match[],
): DeclaredRoute {
  const timeouts = matches.flatMap(({ route }) => route.timeoutMs ?? []);
  return {
    ...declared,
    limits: [
      ...declared.limits,
      ...matches.flatMap(({ route, at }) => limitsAt(route, at.path)),
    ],
    timeoutMs: timeouts.length > 0 ? Math.min(...timeouts) : undefined,
  };
}
