import { RouterLimit } from '../config/schema/router-limit.schema.js';
import { ThrottleConfig } from '../config/schema/throttle-options.schema.js';
import { DeclaredRoute } from './declared-route.js';
import { EndpointBounds } from './endpoint-deadline.js';
import { Gate } from './gate/gate.js';
import { GateChanges, GateMaker, PreparedLimit } from './gate/gate-maker.js';
import { openGate } from './gate/open-gate.js';
import { DecisionPlace, HandlerGates, LimitedRoute } from './limited-route.js';
import { RouteLimit } from './route-limit.js';

type Routes = Map<Function, Map<Function, LimitedRoute>>;

/** Chooses where a route is decided. */
export type PlaceOf = (route: DeclaredRoute) => DecisionPlace;

/** What stands before each limited handler, by controller and handler. */
export class RouteGates {
  readonly decidedAtHandler: Routes = new Map();
  readonly decidedAtController: Routes = new Map();
  private declared: DeclaredRoute[] = [];
  private commonBounds: EndpointBounds | undefined;

  constructor(
    private config: ThrottleConfig,
    private gates: GateMaker,
    private readonly placeOf: PlaceOf,
  ) {
    this.commonBounds = commonBounds(config);
  }

  /** Puts the limits of the declared routes before their handlers. */
  build(routes: readonly DeclaredRoute[]): void {
    for (const route of routes) {
      const owners =
        route.decidedAt === 'controller'
          ? this.decidedAtController
          : this.decidedAtHandler;
      const handlers =
        owners.get(route.owner) ?? new Map<Function, LimitedRoute>();
      handlers.set(route.handler, this.route(route));
      owners.set(route.owner, handlers);
      this.declared.push(route);
    }
  }

  /** Makes all gates at once: buckets that are in use go by their new limits from the same instant. */
  make(): void {
    for (const { handler, owner } of this.declared) {
      void this.of(handler, owner)?.gates;
    }
  }

  /** Gates of the next edition, still without any; `adopt` puts them in force. */
  next(changes: GateChanges): RouteGates {
    const gates = this.gates.next(changes);
    return new RouteGates(changes.config, gates, this.placeOf);
  }

  /** How often limits were changed. */
  get edition(): number {
    return this.gates.edition;
  }

  /** Puts the gates of another edition in place of all these, in one step. Requests on their way end with the plans that admitted them. */
  adopt(other: RouteGates): void {
    this.config = other.config;
    this.gates = other.gates;
    this.declared = other.declared;
    this.commonBounds = other.commonBounds;
    replace(this.decidedAtHandler, other.decidedAtHandler);
    replace(this.decidedAtController, other.decidedAtController);
  }

  /** What stands before a handler of a controller, wherever it is decided. */
  of(handler: Function, owner: Function): LimitedRoute | undefined {
    return (
      this.decidedAtController.get(owner)?.get(handler) ??
      this.decidedAtHandler.get(owner)?.get(handler)
    );
  }

  /** Every route that has a gate, with all of its limits. */
  get routes(): readonly DeclaredRoute[] {
    return this.declared;
  }

  /** The gate of the application as a whole; an open one where it has no limit. */
  service(): Gate {
    const limit: RouterLimit | undefined = this.config.service;
    if (!limit) return openGate;
    const written = { limit, name: limit.name ?? 'service' };
    const limits = this.gates.prepare('service', [written]);
    return this.gates.gate('service', limits, true);
  }

  /** Whether a limit of a route is settled by the outcome of its requests. */
  settles({ limits }: DeclaredRoute): boolean {
    return limits.some(settles);
  }

  /** What bounds the time of a route's requests, if anything does: the shortest deadline that the route and its limits name, else what bounds all others. */
  boundsOf({ limits, timeoutMs }: DeclaredRoute): EndpointBounds | undefined {
    let shortest = timeoutMs ?? Infinity;
    for (const { limit } of limits) {
      shortest = Math.min(shortest, limit.timeoutMs ?? Infinity);
    }
    if (shortest === Infinity) return this.commonBounds;
    const { cancelWithCaller } = this.config;
    return { timeoutMs: shortest, cancelWithCaller };
  }

  private route(declared: DeclaredRoute): LimitedRoute {
    const { label, limits } = declared;
    const { gates: maker } = this;
    const isFirst = this.config.service === undefined;
    const route = new LimitedRoute(
      () => gatesOf(label, limits, maker, isFirst),
      this.settles(declared),
      this.boundsOf(declared),
      this.placeOf(declared),
    );
    // What is on trial is listed in the counts from the start.
    if (limits.some((limit) => maker.isOnTrial(limit))) void route.gates;
    return route;
  }
}

/** What bounds requests to handlers without a deadline of their own, if anything does. */
function commonBounds(config: ThrottleConfig): EndpointBounds | undefined {
  const { backends, deadlineHeader, cancelWithCaller, timeout } = config;
  const isBound =
    timeout !== undefined ||
    deadlineHeader !== undefined ||
    Object.keys(backends).length > 0;
  return isBound ? { timeoutMs: timeout, cancelWithCaller } : undefined;
}

function gatesOf(
  label: string,
  limits: readonly RouteLimit[],
  maker: GateMaker,
  isFirst: boolean,
): HandlerGates {
  const prepared = maker.prepare(label, limits);
  const early = prepared.filter(isEarly);
  if (early.length === 0) {
    const gate = maker.gate(label, prepared, isFirst);
    return { afterGuards: gate, elsewhere: gate };
  }
  const late = prepared.filter((limit) => !isEarly(limit));
  return {
    beforeGuards: maker.gate(label, early, isFirst),
    afterGuards: maker.gate(label, late, false),
    elsewhere: maker.gate(label, prepared, true),
  };
}

/** The maps stay the same ones: whoever decides looks into them directly. */
function replace(routes: Routes, by: Routes): void {
  routes.clear();
  by.forEach((handlers, owner) => routes.set(owner, handlers));
}

function isEarly({ written }: PreparedLimit): boolean {
  return written.limit.phase === 'guard';
}

/** A resolver may name a policy that settles. */
function settles({ limit }: RouteLimit): boolean {
  const { settle, tiers, resolve } = limit;
  return (
    Boolean(settle ?? resolve) ||
    (tiers?.some((tier) => tier.settle !== undefined) ?? false)
  );
}
