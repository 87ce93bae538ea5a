import { match, MatchFunction, ParamData } from 'path-to-regexp';
import { Fault } from '../../config/fault.js';
import { routePattern } from '../declare/route-pattern.js';
import { ServedRoute } from '../declare/served-routes.js';
import { RouteTable } from '../routes/route-table.js';

/** A served route with the label of its handler's limits. */
export interface EdgeRoute extends ServedRoute {
  /** None where the handler has no limits. */
  readonly label: string;
}

/** Tells by method and path which handler a route belongs to, as the first that was registered. */
export class EdgeRoutes {
  private readonly byPlace = new Map<string, EdgeRoute>();
  private readonly conflicts = new Map<string, EdgeRoute[]>();

  /**
   * @param routes every route of the application, in the order of their registration
   * @param normalize what the framework makes of a path
   */
  constructor(
    readonly routes: readonly EdgeRoute[],
    readonly normalize: (path: string) => string,
  ) {
    for (const route of routes) {
      const place = `${route.method} ${normalize(route.path)}`;
      const first = this.byPlace.get(place);
      if (first === undefined) this.byPlace.set(place, route);
      else this.noteConflict(place, first, route);
    }
  }

  /** The handler of a route as a framework registers it. */
  at(method: string, path: string): EdgeRoute | undefined {
    return (
      this.byPlace.get(`${method} ${path}`) ??
      this.byPlace.get(`ALL ${path}`) ??
      (method === 'HEAD' ? this.byPlace.get(`GET ${path}`) : undefined)
    );
  }

  /** Limits that the edge could not tell apart: handlers of one method and path that differ by host, or by a version in a header. */
  faults({ routes }: RouteTable): Fault[] {
    return [...this.conflicts].flatMap(([place, handlers]) =>
      handlers
        .filter(({ label }) => routes.get(label)?.hasEdge)
        .map(({ label }) => ({
          path: `phase of the limit on ${label}`,
          found: `"edge", and ${handlers.length} handlers for ${place} that a host or a version in a header tells apart`,
          allowed: '"interceptor": at the edge, only method and path are known',
        })),
    );
  }

  private noteConflict(place: string, first: EdgeRoute, other: EdgeRoute) {
    if (!first.isConditional && !other.isConditional) return;
    if (first.handler === other.handler && first.owner === other.owner) return;
    const handlers = this.conflicts.get(place) ?? [first];
    this.conflicts.set(place, [...handlers, other]);
  }
}

/** How a router of Express reads paths. */
export interface PathOptions {
  readonly sensitive: boolean;
  readonly strict: boolean;
}

/** A route with edge limits that a request was matched to. */
export interface EdgeMatch {
  readonly route: EdgeRoute;
  readonly params: ParamData;
}

interface Entry {
  readonly route: EdgeRoute;
  readonly hasEdge: boolean;
  readonly matches: MatchFunction<ParamData>;
}

/**
 * Matches requests to routes with edge limits as Express does: in the order of
 * registration, with the same library for paths. It also holds the routes
 * before them that could take the same request.
 */
export class EdgeMatcher {
  private readonly entries: readonly Entry[];

  constructor(
    { routes, normalize }: EdgeRoutes,
    table: RouteTable,
    { sensitive, strict }: PathOptions,
  ) {
    const hasEdge = ({ label }: EdgeRoute) =>
      table.routes.get(label)?.hasEdge === true;
    const lastEdge = routes.findLastIndex(hasEdge);
    const upTo = routes.slice(0, lastEdge + 1);
    const edges = upTo.filter(hasEdge);
    this.entries = upTo
      .filter((route) => hasEdge(route) || edges.some(overlaps(route)))
      .map((route) => ({
        route,
        hasEdge: hasEdge(route),
        matches: match(normalize(route.path), {
          sensitive,
          trailing: !strict,
        }),
      }));
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** The route with edge limits that the framework will give a request to. */
  find(method: string, path: string): EdgeMatch | undefined {
    for (const { route, hasEdge, matches } of this.entries) {
      if (!takes(route.method, method)) continue;
      const found = matches(path);
      if (found) return hasEdge ? { route, params: found.params } : undefined;
    }
    return undefined;
  }
}

function takes(method: string, requested: string): boolean {
  return (
    method === 'ALL' ||
    method === requested ||
    (method === 'GET' && requested === 'HEAD')
  );
}

/** Whether two routes could take one request, as far as their segments tell. */
function overlaps(one: EdgeRoute): (other: EdgeRoute) => boolean {
  const own = segmentsOf(one);
  return (other) => {
    if (
      one.method !== other.method &&
      one.method !== 'ALL' &&
      other.method !== 'ALL'
    ) {
      return false;
    }
    const others = segmentsOf(other);
    if (own === undefined || others === undefined) return true;
    if (own.length !== others.length) return false;
    return own.every(
      (segment, i) =>
        segment === others[i] ||
        segment.includes(':') ||
        others[i].includes(':'),
    );
  };
}

/** The segments of a path in lower case; nothing where their number is not fixed. */
function segmentsOf({ path }: EdgeRoute): string[] | undefined {
  const { shape } = routePattern(path.toLowerCase());
  return /[*{}()?+]/.test(shape) ? undefined : shape.split('/');
}
