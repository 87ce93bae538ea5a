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
import { AuditCounts } from '../../router/audit/audit-counts.js';
import { BoundedLog } from '../../router/audit/bounded-log.js';
import { ProxyTrust } from '../../router/client-key/proxy-trust.js';
import { GateMaker } from '../../router/gate/gate-maker.js';
import { Gate } from '../../router/gate/gate.js';
import { Refusal } from '../../router/refusal.js';
import { RouteLimit } from '../../router/route-limit.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { TrafficRequest } from '../traffic/request.js';
import { Timeline } from './chart.js';
import { Framework, Match, RouteMatcher } from './route-matcher.js';
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
  readonly gates: readonly Gate[];
}

/** Requests that no route is for. */
export const NO_ROUTE = '(no route)';

/** Who a client is where no limit says so. */
const BY_ADDRESS: RouterLimit = { everyMs: 1000, cost: 1 };

/** So many clients and paths are kept apart; what comes later is counted, not named. */
const MOST_NAMED = 20_000;

export interface SimulationOptions {
  /** Whether to remember every request, to suggest limits from. */
  readonly suggests?: boolean;
  readonly framework?: Framework;
}

/** Puts requests before the router's own gates, on buckets whose clock the requests move. */
export class Simulation {
  readonly timeline = new Timeline();
  readonly refusedClients = new Map<string, number>();
  /** Methods and paths that no route is for. */
  readonly unrouted = new Map<string, number>();
  readonly tallies: EndpointTally[] = [];
  firstMs: number | undefined;
  nowMs = -Infinity;
  private readonly stage = new Stage();
  private readonly gates: GateMaker;
  private readonly matcher: RouteMatcher<ReplayedRoute>;
  private readonly service: readonly Gate[];
  private readonly others: ReplayedRoute;

  constructor(
    options: ThrottleOptions,
    private readonly how: SimulationOptions = {},
  ) {
    const written = throttleOptions.parse(options);
    const config = withStandIns(written, this.stage);
    const { policies, routes, service, maxClients } = config;
    const findings = new Findings(new Set());
    this.gates = new GateMaker({
      config,
      findings,
      policies: new Map<string, Policy>(Object.entries(policies)),
      trust: new ProxyTrust(findings),
      store: new MemoryStore(() => this.nowMs, maxClients),
      counts: new AuditCounts(),
      log: new BoundedLog(() => this.nowMs),
      edition: 0,
    });
    this.service = service
      ? this.gatesOf('service', [{ limit: service, name: 'service' }])
      : [];
    this.matcher = new RouteMatcher(
      Object.entries(routes).map(([key, { limits }]) => [
        key,
        this.route(
          key,
          routeLimits(key, limits, policies),
          routeLimits(key, written.routes[key].limits, written.policies),
        ),
      ]),
      how.framework,
    );
    this.others = this.route(NO_ROUTE, [], []);
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
    const { tally, gates } = found?.route ?? this.others;
    if (!found) countName(this.unrouted, `${request.method} ${request.path}`);
    const context = contextOf(request, found);
    const isServed = refuserIn(this.service, context) === undefined;
    const refuser = isServed ? refuserIn(gates, context) : 'service';
    tally.requests++;
    this.timeline.add(this.nowMs, refuser !== undefined);
    if (isServed) tally.arrivals?.add(this.nowMs, context);
    if (refuser) {
      tally.refused[refuser]++;
      tally.firstRefusedMs ??= this.nowMs;
      countName(this.refusedClients, request.address);
    }
    return refuser;
  }

  private route(
    endpoint: string,
    limits: readonly RouteLimit[],
    written: readonly RouteLimit[],
  ): ReplayedRoute {
    const tally: EndpointTally = {
      endpoint,
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
            limitWithStandIns(BY_ADDRESS, endpoint, this.stage),
          )
        : undefined,
    };
    this.tallies.push(tally);
    return { tally, gates: this.gatesOf(endpoint, limits) };
  }

  private gatesOf(label: string, limits: readonly RouteLimit[]): Gate[] {
    const prepared = this.gates.prepare(label, limits);
    const isEarly = ({ limit }: RouteLimit) => limit.phase === 'guard';
    return [true, false].flatMap((early) => {
      const some = prepared.filter(({ written }) => isEarly(written) === early);
      return some.length > 0 ? this.gates.gate(label, some, true) : [];
    });
  }
}

/** What a route of the configuration carries, with its policies looked up. */
function routeLimits(
  route: string,
  limits: readonly (RouterLimit | string)[],
  policies: ThrottleConfig['policies'],
): RouteLimit[] {
  return limits.map((limit) => {
    if (typeof limit !== 'string') return { limit, name: limit.name, route };
    const policy: Policy = policies[limit];
    const { shared } = policy;
    return { limit: policy, name: limit, shared, policy: limit, route };
  });
}

function countName(counts: Map<string, number>, name: string): void {
  const count = counts.get(name);
  if (count !== undefined || counts.size < MOST_NAMED) {
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
  gates: readonly Gate[],
  context: ExecutionContext,
): Refuser | undefined {
  for (const gate of gates) {
    const passed = gate.pass(context);
    if (passed instanceof Refusal) return refuserOf(passed);
  }
  return undefined;
}

function refuserOf(refusal: Refusal): Refuser {
  switch (refusal.form.status) {
    case 403:
      return 'deny list';
    case 429:
      return 'each client';
    default:
      return 'all callers';
  }
}
