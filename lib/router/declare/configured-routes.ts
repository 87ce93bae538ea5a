import { Fault } from '../../config/fault.js';
import { Findings } from '../../config/findings.js';
import { RouteConfig } from '../../config/schema/route.schema.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { DeclaredRoute, RouteLimit } from './declared-route.js';
import { configuredLimits, NamedPolicies } from './decorator-limits.js';
import { RoutePattern, routePattern } from './route-pattern.js';
import { ServedRoute } from './served-routes.js';

/** A route of the configuration, with its policies resolved. */
export interface ConfiguredRoute {
  /** As written: `GET /products/{id}`. */
  readonly key: string;
  readonly method: string;
  readonly pattern: RoutePattern;
  readonly limits: readonly RouteLimit[];
  readonly timeoutMs?: number;
}

/** Reads the routes of the configuration; adds what is wrong to the faults. */
export function* configuredRoutes(
  routes: Readonly<Record<string, RouteConfig>>,
  sources: NamedPolicies,
): Generator<undefined, ConfiguredRoute[]> {
  const read: ConfiguredRoute[] = [];
  for (const [key, route] of Object.entries(routes)) {
    const [method, path] = key.split(' ');
    read.push({
      key,
      method,
      pattern: routePattern(path),
      limits: limitsOfRoute(key, route, sources),
      timeoutMs: route.timeout,
    });
    yield;
  }
  sources.faults.push(...sameRoutes(read));
  return read;
}

/** The limits of one route of the configuration, with its policies resolved; unknown names are faults. */
export function limitsOfRoute(
  key: string,
  { limits }: Pick<RouteConfig, 'limits'>,
  sources: NamedPolicies,
): RouteLimit[] {
  return configuredLimits(limits, `${routePath(key)}.limits`, sources);
}

/** The path of a route in faults and findings. */
function routePath(key: string): string {
  return `routes["${key}"]`;
}

/** Two keys may mean the same route: `{id}` and `:id` are equal. */
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

/** The method and path under which a handler serves a route of the configuration. */
interface Match {
  readonly route: ConfiguredRoute;
  readonly at: ServedRoute;
}

/** Returns every method and path that leads to a handler. */
export type ServedBy = (route: DeclaredRoute) => readonly ServedRoute[];

/**
 * Adds the configuration's limits to handlers under `@RouterRateLimit()`.
 * Prefixes and versions are set after the module was created, so this has to
 * wait until the application initialises.
 */
export function* completedRoutes(
  configured: readonly ConfiguredRoute[],
  declared: readonly DeclaredRoute[],
  servedBy: ServedBy,
  findings: Findings,
): Generator<undefined, DeclaredRoute[]> {
  const byShape = groupedByShape(configured);
  const matched = new Set<ConfiguredRoute>();
  const routes: DeclaredRoute[] = [];
  for (const route of declared) {
    if (!route.isConfigured) {
      routes.push(route);
      continue;
    }
    const matches = matchesOf(servedBy(route), byShape);
    for (const match of matches) matched.add(match.route);
    remarkOnHandler(route, matches, servedBy(route), findings);
    routes.push(completed(route, matches));
    yield;
  }
  for (const route of configured) {
    if (!matched.has(route)) findings.add(routeWithoutHandler(route));
  }
  return routes;
}

function groupedByShape(
  routes: readonly ConfiguredRoute[],
): Map<string, ConfiguredRoute[]> {
  const byShape = new Map<string, ConfiguredRoute[]>();
  for (const route of routes) {
    const { shape } = route.pattern;
    const same = byShape.get(shape);
    if (same) same.push(route);
    else byShape.set(shape, [route]);
  }
  return byShape;
}

/** Each route of the configuration that the handler serves, once. */
function matchesOf(
  served: readonly ServedRoute[],
  byShape: ReadonlyMap<string, readonly ConfiguredRoute[]>,
): Match[] {
  const matches = new Map<ConfiguredRoute, Match>();
  for (const at of served) {
    for (const route of byShape.get(routePattern(at.path).shape) ?? []) {
      if (at.method !== 'ALL' && at.method !== route.method) continue;
      if (!matches.has(route)) matches.set(route, { route, at });
    }
  }
  return [...matches.values()];
}

/** The handler's own limits plus those of its routes. */
function completed(
  declared: DeclaredRoute,
  matches: readonly Match[],
): DeclaredRoute {
  return {
    ...declared,
    limits: [...declared.limits, ...matches.flatMap(limitsAt)],
    timeouts: matches.flatMap(({ route, at }) =>
      route.timeoutMs === undefined
        ? []
        : [{ ms: route.timeoutMs, method: onlyMethod(route, at) }],
    ),
  };
}

/** On an `@All` handler, the limits of a route apply only to the method of that route. */
function onlyMethod(
  { method }: ConfiguredRoute,
  at: ServedRoute,
): string | undefined {
  return at.method === 'ALL' ? method : undefined;
}

/** Where a key is read: in a limit, in one of its tiers, or to choose between tiers. */
type KeySource = Pick<RouterLimit, 'strategy' | 'key'>;

/** The limits of a route for a handler, whose parameters may have different names. */
function limitsAt({ route, at }: Match): RouteLimit[] {
  const written = route.pattern.params;
  const called = routePattern(at.path).params;
  const renamed = <Source extends KeySource>(source: Source): Source => {
    if (source.strategy !== 'param') return source;
    const position = written.indexOf(source.key ?? '');
    return position < 0 ? source : { ...source, key: called[position] };
  };
  return route.limits.map(({ limit, ...rest }) => ({
    ...rest,
    limit: limitWith(limit, renamed),
    route: route.key,
    method: onlyMethod(route, at),
  }));
}

/** A limit may name a parameter in three places. */
function limitWith(
  limit: RouterLimit,
  renamed: <Source extends KeySource>(source: Source) => Source,
): RouterLimit {
  const { tiers, tierKey } = limit;
  if (!tiers) return renamed(limit);
  return {
    ...renamed(limit),
    tiers: tiers.map(renamed),
    ...(typeof tierKey === 'object' ? { tierKey: renamed(tierKey) } : {}),
  };
}

function remarkOnHandler(
  { label }: DeclaredRoute,
  matches: readonly Match[],
  served: readonly ServedRoute[],
  findings: Findings,
): void {
  if (matches.length === 0) {
    findings.add({
      code: 'handler-without-route',
      path: `@RouterRateLimit() on ${label}`,
      sentence: 'No entry in routes matches its method and path.',
      fix: 'Add an entry to routes, or put the limit in the decorator.',
    });
  }
  const everywhere = matches.filter(
    ({ route, at }) => onlyMethod(route, at) === undefined,
  );
  if (everywhere.length > 1) {
    const keys = everywhere.map(({ route }) => `"${route.key}"`).join(' and ');
    findings.add({
      code: 'handler-with-several-routes',
      path: `@RouterRateLimit() on ${label}`,
      sentence: `It serves ${keys}, so every request must pass the limits of all of them.`,
      fix: 'Give each route its own handler, or keep only one of them in the configuration.',
    });
  }
  const places = new Set(matches.map(({ at }) => at.path));
  const others = new Set(
    served.map(({ path }) => path).filter((path) => !places.has(path)),
  );
  if (matches.length > 0 && others.size > 0) {
    findings.add({
      code: 'handler-with-several-routes',
      path: `@RouterRateLimit() on ${label}`,
      sentence: `It also serves ${[...others].join(' and ')}, so the limits of "${matches[0].route.key}" apply there too.`,
      fix: 'Give each path its own handler, or add the other paths to routes.',
    });
  }
}

function routeWithoutHandler({ key }: ConfiguredRoute) {
  return {
    code: 'route-without-handler',
    path: routePath(key),
    sentence:
      'No handler with @RouterRateLimit() matches its method and path, so its limits are not enforced.',
    fix: 'Add @RouterRateLimit() to the handler, check the path including all prefixes, or remove the route.',
  } as const;
}
