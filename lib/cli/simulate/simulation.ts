import type { ExecutionContext } from '@nestjs/common';
import { Findings } from '../../config/findings.js';
import {
  Policy,
  RouterLimit,
} from '../../config/schema/router-limit.schema.js';
import {
  ThrottleConfig,
  throttleOptions,
  ThrottleOptions,
} from '../../config/schema/throttle-options.schema.js';
import { clientText } from '../../config/format/limits.js';
import { AuditCounts } from '../../router/audit/audit-counts.js';
import { BoundedLog } from '../../router/audit/bounded-log.js';
import { ClientKeys } from '../../router/client-key/client-key.js';
import { limitsOfRoute } from '../../router/declare/configured-routes.js';
import {
  DeclaredRoute,
  RouteLimit,
} from '../../router/declare/declared-route.js';
import { Rejection } from '../../router/reject/rejection.js';
import { GateFactory } from '../../router/routes/gate-factory.js';
import { Gate } from '../../router/routes/gates.js';
import { RouteTable } from '../../router/routes/route-table.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { TrafficRequest } from '../traffic/request.js';
import { Timeline } from './chart.js';
import { Framework, Match, RouteMatcher } from './route-matcher.js';
import { ClientNamer, RefusedClients } from './refused-clients.js';
import { limitWithStandIns, Stage, withStandIns } from './stand-ins.js';
import { Arrivals } from './suggest.js';

/** What may refuse a request. */
export const REFUSERS = [
  'service',
  'deny list',
  'all callers',
  'each client',
] as const;
export type Refuser = (typeof REFUSERS)[number];

/** What became of the requests to one endpoint. */
export interface EndpointTally {
  readonly endpoint: string;
  requests: number;
  readonly refused: Record<Refuser, number>;
  firstRefusedMs?: number;
  /** The limits of the route as they were written. */
  readonly limits: readonly RouterLimit[];
  /** Who came when, where limits are to be suggested. */
  readonly arrivals?: Arrivals;
}

interface ReplayedRoute {
  readonly tally: EndpointTally;
  /** What decides at the edge, then what decides after guards. */
  readonly gates: readonly (Gate | undefined)[];
  readonly clients: readonly ClientNamer[];
}

/** Requests that no route is for. */
export const NO_ROUTE = '(no route)';

/** Who a client is where no limit says so. */
const BY_ADDRESS: RouterLimit = { everyMs: 1000, cost: 1 };

/** So many paths without a route are kept apart; what comes later is counted, not named. */
const MOST_PATHS = 10_000;

export interface SimulationOptions {
  /** Whether to remember every request, to suggest limits from. */
  readonly suggests?: boolean;
  readonly framework?: Framework;
}

/** Puts requests before the router's own gates, on buckets whose clock the requests move. */
export class Simulation {
  readonly timeline = new Timeline();
  readonly refusedClients = new RefusedClients();
  /** Methods and paths that no route is for. */
  readonly unrouted = new Map<string, number>();
  readonly tallies: EndpointTally[] = [];
  firstMs: number | undefined;
  nowMs = -Infinity;
  private readonly stage = new Stage();
  private readonly gates: GateFactory;
  private readonly matcher: RouteMatcher<ReplayedRoute>;
  private readonly table: RouteTable;
  private readonly others: ReplayedRoute;

  constructor(
    options: ThrottleOptions,
    private readonly how: SimulationOptions = {},
  ) {
    const written = throttleOptions.parse(options);
    const config = withStandIns(written, this.stage);
    const { routes, maxClients } = config;
    const findings = new Findings(new Set(), true);
    this.gates = new GateFactory({
      config,
      findings,
      policies: policiesOf(config),
      keys: new ClientKeys(findings),
      store: new MemoryStore(() => this.nowMs, maxClients),
      counts: new AuditCounts(),
      log: new BoundedLog(() => this.nowMs),
      edition: 0,
    });
    const declared = Object.keys(routes).map((key) =>
      declaredRoute(key, config),
    );
    this.table = RouteTable.of(declared, this.gates);
    this.matcher = new RouteMatcher(
      declared.map((route) => [
        route.label,
        this.route(route, declaredRoute(route.label, written).limits),
      ]),
      how.framework,
    );
    this.others = this.route(undecorated(NO_ROUTE, []), []);
  }

  /** What could not be decided as it is at run time, and for how many requests. */
  get gaps(): ReadonlyMap<string, number> {
    return this.stage.gaps;
  }

  /** The names of headers that limits read. */
  get headers(): Iterable<string> {
    return this.stage.headers;
  }

  /**
   * Decides for the next request; tells what refuses it, if anything does. Time
   * does not go back for one that is late.
   */
  add(request: TrafficRequest): Refuser | undefined {
    this.firstMs ??= request.atMs;
    this.nowMs = Math.max(this.nowMs, request.atMs);
    this.stage.enter(request);
    const found = this.matcher.find(request.method, request.path);
    const route = found?.route ?? this.others;
    const { tally } = route;
    if (!found) countName(this.unrouted, `${request.method} ${request.path}`);
    const context = contextOf(request, found);
    const isServed = refuserIn([this.table.service], context) === undefined;
    const refuser = isServed ? refuserIn(route.gates, context) : 'service';
    tally.requests++;
    this.timeline.add(this.nowMs, refuser !== undefined);
    if (isServed) tally.arrivals?.add(this.nowMs, context);
    if (refuser) {
      tally.refused[refuser]++;
      tally.firstRefusedMs ??= this.nowMs;
      this.refusedClients.count(request, route.clients, context);
    }
    return refuser;
  }

  private route(
    { label, limits }: DeclaredRoute,
    written: readonly RouteLimit[],
  ): ReplayedRoute {
    const tally: EndpointTally = {
      endpoint: label,
      requests: 0,
      refused: {
        service: 0,
        'deny list': 0,
        'all callers': 0,
        'each client': 0,
      },
      limits: written.map(({ limit }) => limit),
      arrivals: this.how.suggests
        ? new Arrivals(
            limits.map(({ limit }) => limit),
            limitWithStandIns(BY_ADDRESS, label, this.stage),
          )
        : undefined,
    };
    this.tallies.push(tally);
    const enforced = this.table.routes.get(label)?.forMethod('');
    const prepared = this.gates.prepare(label, limits);
    return {
      tally,
      gates: [enforced?.edge, enforced?.handler],
      clients: prepared.flatMap(({ choice }, i) =>
        choice ? { choice, by: clientText(written[i].limit) } : [],
      ),
    };
  }
}

function policiesOf({ policies }: ThrottleConfig): Map<string, Policy> {
  return new Map<string, Policy>(Object.entries(policies));
}

/** A route of the configuration as if a handler served it. */
function declaredRoute(key: string, config: ThrottleConfig): DeclaredRoute {
  const sources = { policies: policiesOf(config), faults: [] };
  const limits = limitsOfRoute(key, config.routes[key], sources);
  return undecorated(
    key,
    limits.map((limit) => ({ ...limit, route: key })),
  );
}

function undecorated(
  label: string,
  limits: readonly RouteLimit[],
): DeclaredRoute {
  class Controller {}
  return {
    owner: Controller,
    name: label,
    handler: Controller,
    marks: [],
    label,
    limits,
    isConfigured: true,
  };
}

function countName(counts: Map<string, number>, name: string): void {
  const count = counts.get(name);
  if (count !== undefined || counts.size < MOST_PATHS) {
    counts.set(name, (count ?? 0) + 1);
  }
}

/** A request as an HTTP handler's context shows it; nothing is there to answer to. */
class ReplayContext {
  readonly headers = {};

  constructor(
    readonly ip: string,
    private readonly match: Match<unknown> | undefined,
  ) {}

  get params(): Readonly<Record<string, string>> {
    return this.match?.params() ?? {};
  }

  getType(): string {
    return 'http';
  }

  getArgByIndex(index: number): unknown {
    return index === 0 ? this : undefined;
  }
}

function contextOf(
  { address }: TrafficRequest,
  match: Match<unknown> | undefined,
): ExecutionContext {
  const context: Pick<ExecutionContext, 'getType' | 'getArgByIndex'> =
    new ReplayContext(address, match) as never;
  return context as ExecutionContext;
}

function refuserIn(
  gates: readonly (Gate | undefined)[],
  context: ExecutionContext,
): Refuser | undefined {
  for (const gate of gates) {
    const decided = gate?.pass(context);
    if (decided instanceof Rejection) return REFUSER_OF[decided.reason];
  }
  return undefined;
}

const REFUSER_OF: Readonly<Record<Rejection['reason'], Refuser>> = {
  denied: 'deny list',
  endpoint: 'all callers',
  client: 'each client',
  'missing-key': 'each client',
};
