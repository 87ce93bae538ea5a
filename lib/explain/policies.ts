import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { RouterLimit } from '../config/schema/router-limit.schema.js';
import { ThrottleConfig } from '../config/schema/throttle-options.schema.js';
import { applicationClasses } from '../discovery/application-classes.js';
import { DeclaredEntry } from '../proxy/entry.js';
import { ServedRoutes } from '../router/configured/served-routes.js';
import { LimitPolicy, limitPolicies } from '../router/explain/limit-policy.js';
import { servedAt } from '../router/explain/served-at.js';
import { isHandler } from '../router/handler-marks.js';
import { RouteGates } from '../router/route-gates.js';
import { BackendPolicy, backendPolicy } from './backend-policy.js';

/** A handler, and all that a request to it must pass beside the limit of the whole application. */
export interface RoutePolicy {
  /** Every way to it: `GET /catalog/:id`, `pattern "order"`, `Query catalog`. */
  readonly at: readonly string[];
  /** `catalog.CatalogController.find`. */
  readonly handler: string;
  /** Its deadline, if it has one. */
  readonly timeoutMs?: number;
  /** None where nothing limits it. */
  readonly limits: readonly LimitPolicy[];
}

/** What is in force, and where each part of it came from; in a stable order. */
export interface Policies {
  /** The limit of the whole application. */
  readonly service?: LimitPolicy;
  readonly routes: readonly RoutePolicy[];
  readonly backends: readonly BackendPolicy[];
}

/** What policies are read from. */
export interface PolicySources {
  readonly config: ThrottleConfig;
  readonly entries: readonly DeclaredEntry[];
  readonly gates: RouteGates;
  readonly served: ServedRoutes;
  readonly discovery: DiscoveryService;
  readonly scanner: MetadataScanner;
}

/** Reads what is in force. */
export function readPolicies(sources: PolicySources): Policies {
  const { config, entries } = sources;
  const { mode, backends } = config;
  const service: RouterLimit | undefined = config.service;
  const [ofAll] = service
    ? limitPolicies('service', [{ limit: service, name: service.name }], mode)
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

function limitedRoutes({ gates, served, config }: PolicySources) {
  return gates.routes.map(({ owner, handler, label, limits }): RoutePolicy => {
    const timeoutMs = gates.of(handler, owner)?.bounds?.timeoutMs;
    return {
      at: servedAt(handler, served.of(owner, handler)),
      handler: label,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      limits: limitPolicies(label, limits, config.mode),
    };
  });
}

/** Handlers without a limit: that there is none is worth knowing too. */
function otherRoutes(sources: PolicySources): RoutePolicy[] {
  const { discovery, scanner, gates, served } = sources;
  const classes = applicationClasses(discovery, scanner);
  return classes.flatMap(({ type, methods }) =>
    methods
      .filter(({ body, marks }) => isHandler(marks) && !gates.of(body, type))
      .map(({ name, body }) => ({
        at: servedAt(body, served.of(type, body)),
        handler: `${type.name}.${name}`,
        limits: [],
      })),
  );
}

/** By path and then by method, as people look for routes. */
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
