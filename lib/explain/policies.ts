import { RouterLimit } from '../config/schema/router-limit.schema.js';
import { ThrottleConfig } from '../config/schema/throttle-options.schema.js';
import { ApplicationClass } from '../config/application-classes.js';
import { DeclaredEntry } from '../proxy/entries/entry.js';
import { isHandler } from '../router/declare/nest-metadata.js';
import { ServedRoutes } from '../router/declare/served-routes.js';
import { LimitPolicy, limitPolicies } from '../router/explain/limit-policy.js';
import { servedAt } from '../router/explain/served-at.js';
import { Route } from '../router/routes/route.js';
import { BackendPolicy, backendPolicy } from './backend-policy.js';

/** A handler, and every limit that a request to it must pass besides `service`. */
export interface RoutePolicy {
  /** Every way to reach it: `GET /catalog/:id`, `pattern "order"`, `Query catalog`. */
  readonly at: readonly string[];
  /** Such as `catalog.CatalogController.find`. */
  readonly handler: string;
  /** Its deadline in milliseconds, if it has one. */
  readonly timeoutMs?: number;
  /** Empty if nothing limits it. */
  readonly limits: readonly LimitPolicy[];
}

/** What is in force, and where each part is declared, in a stable order: the value of `ThrottleService.policies`. */
export interface Policies {
  /** The limit of the whole application, if there is one. */
  readonly service?: LimitPolicy;
  readonly routes: readonly RoutePolicy[];
  readonly backends: readonly BackendPolicy[];
}

/** The sources that policies are read from. */
export interface PolicySources {
  readonly config: ThrottleConfig;
  readonly entries: readonly DeclaredEntry[];
  readonly classes: readonly ApplicationClass[];
  readonly routes: readonly Route[];
  readonly served: ServedRoutes;
}

/** Collects the policies in force. */
export function readPolicies(sources: PolicySources): Policies {
  const { config, entries } = sources;
  const { backends } = config;
  const service: RouterLimit | undefined = config.service;
  const [ofAll] = service
    ? limitPolicies('service', [{ limit: service, name: service.name }], config)
    : [];
  const routes = [...limitedRoutes(sources), ...otherRoutes(sources)];
  return {
    ...(ofAll ? { service: ofAll } : {}),
    routes: routes.toSorted(byPlace),
    backends: Object.entries(backends)
      .map(([name, backend]) => backendPolicy(name, backend, entries))
      .toSorted((a, b) => compare(a.name, b.name)),
  };
}

function limitedRoutes({ routes, served, config }: PolicySources) {
  return routes.map((route): RoutePolicy => {
    const { owner, handler, label, limits } = route.declared;
    const timeoutMs = route.forMethod('').bounds?.timeoutMs;
    return {
      at: servedAt(handler, served.of(owner, handler)),
      handler: label,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      limits: limitPolicies(label, limits, config),
    };
  });
}

/** Handlers without a limit: that they have none is worth knowing too. */
function otherRoutes({
  classes,
  routes,
  served,
}: PolicySources): RoutePolicy[] {
  const limited = new Map<Function, Set<string>>();
  for (const { declared } of routes) {
    const { owner, name } = declared;
    const names = limited.get(owner) ?? new Set<string>();
    limited.set(owner, names.add(name));
  }
  return classes.flatMap(({ type, methods }) =>
    methods
      .filter(
        ({ name, marks }) => isHandler(marks) && !limited.get(type)?.has(name),
      )
      .map(({ name, body }) => ({
        at: servedAt(body, served.of(type, body)),
        handler: `${type.name}.${name}`,
        limits: [],
      })),
  );
}

/** By path, then by method, as people look for routes. */
function byPlace(a: RoutePolicy, b: RoutePolicy): number {
  return compare(pathFirst(a), pathFirst(b)) || compare(a.handler, b.handler);
}

function pathFirst({ at: [first = ''] }: RoutePolicy): string {
  const [kind, ...place] = first.split(' ');
  return `${place.join(' ')} ${kind}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
