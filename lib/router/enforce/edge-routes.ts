import { Fault } from '../../config/fault.js';
import { ServedRoute } from '../declare/served-routes.js';
import { RouteTable } from '../routes/route-table.js';

/** A served route with the label of its handler's limits. */
export interface EdgeRoute extends ServedRoute {
  /** `undefined` if the handler has no limits. */
  readonly label: string;
}

/** Finds the handler of a route by method and path: the first one registered. */
export class EdgeRoutes {
  private readonly byPlace = new Map<string, EdgeRoute>();
  private readonly conflicts = new Map<string, EdgeRoute[]>();

  /**
   * @param routes every route of the application, in order of registration
   * @param normalize normalises a path as the framework does
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

  /** The handler of a route as the framework registers it. */
  at(method: string, path: string): EdgeRoute | undefined {
    return (
      this.byPlace.get(`${method} ${path}`) ??
      this.byPlace.get(`ALL ${path}`) ??
      (method === 'HEAD' ? this.byPlace.get(`GET ${path}`) : undefined)
    );
  }

  /** Limits that the edge can't tell apart: handlers with the same method and path that differ by host or header version. */
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
