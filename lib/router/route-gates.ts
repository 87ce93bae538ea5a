import { RouterLimit } from '../config/schema/router-limit.schema.js';
import { ThrottleConfig } from '../config/schema/throttle-options.schema.js';
import { DeclaredRoute } from './declared-route.js';
import { EndpointBounds } from './endpoint-deadline.js';
import { Gate } from './gate/gate.js';
import { GateChanges, GateMaker, PreparedLimit } from './gate/gate-maker.js';
import { openGate } from './gate/open-gate.js';
import { LimitedRoute } from './limited-route.js';
import { RouteLimit } from './route-limit.js';

type Routes = Map<Function, Map<Function, LimitedRoute>>;

/** What stands before each limited handler, by handler and controller, made once at boot. */
export class RouteGates {
  readonly decidedAtHandler: Routes = new Map();
  readonly decidedAtController: Routes = new Map();
  private declared: DeclaredRoute[] = [];

  constructor(
    private config: ThrottleConfig,
    private gates: GateMaker,
  ) {}

  /** Builds the gates of the declared routes. */
  build(routes: readonly DeclaredRoute[]): void {
    for (const route of routes) {
      const gates =
        route.decidedAt === 'controller'
          ? this.decidedAtController
          : this.decidedAtHandler;
      const owners =
        gates.get(route.handler) ?? new Map<Function, LimitedRoute>();
      owners.set(route.owner, this.route(route));
      gates.set(route.handler, owners);
      this.declared.push(route);
    }
  }

  /** Gates of the next edition, still without any; `adopt` puts them in force. */
  next(changes: GateChanges): RouteGates {
    return new RouteGates(changes.config, this.gates.next(changes));
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
    replace(this.decidedAtHandler, other.decidedAtHandler);
    replace(this.decidedAtController, other.decidedAtController);
  }

  /** What stands before a handler of a controller, wherever it is decided. */
  of(handler: Function, owner: Function): LimitedRoute | undefined {
    return (
      this.decidedAtController.get(handler)?.get(owner) ??
      this.decidedAtHandler.get(handler)?.get(owner)
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

  private route({
    label,
    limits,
    timeoutMs: own,
  }: DeclaredRoute): LimitedRoute {
    const prepared = this.gates.prepare(label, limits);
    const early = prepared.filter(isEarly);
    const late = prepared.filter((limit) => !isEarly(limit));
    const isFirst = this.config.service === undefined;
    const afterGuards = this.gates.gate(
      label,
      late,
      isFirst && early.length === 0,
    );
    return {
      beforeGuards:
        early.length > 0 ? this.gates.gate(label, early, isFirst) : undefined,
      afterGuards,
      elsewhere:
        early.length > 0 ? this.gates.gate(label, prepared, true) : afterGuards,
      settles: limits.some(settles),
      bounds: this.boundsOf(limits, own),
    };
  }

  private boundsOf(
    limits: readonly RouteLimit[],
    routeTimeoutMs?: number,
  ): EndpointBounds | undefined {
    const { backends, deadlineHeader, cancelWithCaller } = this.config;
    const timeoutMs = this.timeoutOf(limits, routeTimeoutMs);
    const isBound =
      timeoutMs !== undefined ||
      deadlineHeader !== undefined ||
      Object.keys(backends).length > 0;
    return isBound ? { timeoutMs, cancelWithCaller } : undefined;
  }

  /** The shortest that the route and its limits name, else that of the application. */
  private timeoutOf(
    limits: readonly RouteLimit[],
    routeTimeoutMs?: number,
  ): number | undefined {
    const own = limits.flatMap(({ limit }) => limit.timeoutMs ?? []);
    if (routeTimeoutMs !== undefined) own.push(routeTimeoutMs);
    return own.length > 0 ? Math.min(...own) : this.config.timeout;
  }
}

/** The maps stay the same ones: whoever decides looks into them directly. */
function replace(routes: Routes, by: Routes): void {
  routes.clear();
  by.forEach((owners, handler) => routes.set(handler, owners));
}

function isEarly({ written }: PreparedLimit): boolean {
  return written.limit.phase === 'guard';
}

/** A resolver may name a policy that settles. */
function settles({ limit }: RouteLimit): boolean {
  const { settle, tiers = [], resolve } = limit;
  return Boolean(settle ?? resolve) || tiers.some((tier) => tier.settle);
}
