import { ThrottleConfig } from '../config/schema/throttle-options.schema.js';
import { BucketStore } from '../stores/bucket-store.js';
import { DeclaredRoute } from './declared-route.js';
import { ProxyTrust } from './client-key/proxy-trust.js';
import { RouteGate } from './route-gate.js';
import { RouteLimit, routeParts } from './route-parts.js';
import { RoutePlan } from './route-plan.js';

type Gates = Map<Function, Map<Function, RouteGate>>;

/** The gates of all limited routes, by handler and controller, made once at boot. */
export class RouteGates {
  readonly decidedAtHandler: Gates = new Map();
  readonly decidedAtController: Gates = new Map();

  constructor(
    private readonly config: ThrottleConfig,
    private readonly store: BucketStore,
    private readonly trust: ProxyTrust,
  ) {}

  /** Builds the gates of the declared routes. */
  build(routes: readonly DeclaredRoute[]): void {
    for (const route of routes) {
      const gates =
        route.decidedAt === 'controller'
          ? this.decidedAtController
          : this.decidedAtHandler;
      const owners = gates.get(route.handler) ?? new Map<Function, RouteGate>();
      owners.set(route.owner, this.gate(route.label, route.limits));
      gates.set(route.handler, owners);
    }
  }

  /** The gate of one route, or of the application as a whole. */
  gate(label: string, limits: readonly RouteLimit[]): RouteGate {
    const planOf = (parts: RoutePlan['parts']) =>
      new RoutePlan(parts, this.store, this.config.headers);
    const timeoutMs = this.timeoutOf(limits);
    const callsBackends = Object.keys(this.config.backends).length > 0;
    return new RouteGate(
      planOf(routeParts(label, limits, this.trust)),
      planOf,
      callsBackends || timeoutMs !== undefined,
      timeoutMs,
    );
  }

  /** The shortest that the route's own limits name, else that of the application. */
  private timeoutOf(limits: readonly RouteLimit[]): number | undefined {
    const own = limits.flatMap(({ limit }) => limit.timeoutMs ?? []);
    return own.length > 0 ? Math.min(...own) : this.config.timeout;
  }
}
