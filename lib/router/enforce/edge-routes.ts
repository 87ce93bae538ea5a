import { Fault } from '../../config/fault.js';
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
