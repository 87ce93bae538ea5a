import {
  throttleOptions,
  ThrottleOptions,
} from '../../config/schema/throttle-options.schema.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { Gaps } from './gaps.js';
import { Refusal } from './replayed-plan.js';
import { ReplayedRoute } from './replayed-route.js';
import { ReplayedRequest } from './request.js';
import { RouteTable } from './route-table.js';
import { Timeline } from './timeline.js';

/** What became of the requests to one endpoint. */
export interface EndpointTally {
  readonly endpoint: string;
  requests: number;
  readonly refused: Record<Refusal | 'service', number>;
  firstRefusedMs?: number;
  /** When each request came and from whom, where limits are to be suggested. */
  readonly arrivals: { readonly timesMs: number[]; readonly clients: string[] };
}

type LimitOrPolicy = ConstructorParameters<typeof ReplayedRoute>[1][number];

interface Route {
  readonly tally: EndpointTally;
  readonly limits: ReplayedRoute;
}

/** Requests that no route is for. */
export const NO_ROUTE = '(no route)';

/** Puts requests before the buckets of a configuration, on a clock that they move. */
export class Simulation {
  readonly timeline = new Timeline();
  readonly refusedClients = new Map<string, number>();
  readonly tallies: EndpointTally[] = [];
  readonly gaps = new Gaps();
  firstMs: number | undefined;
  nowMs = -Infinity;
  private readonly table: RouteTable<Route>;
  private readonly service: ReplayedRoute;
  private readonly others: Route;

  /** @param keepsArrivals whether to remember every request, to suggest limits from */
  constructor(
    options: ThrottleOptions,
    private readonly keepsArrivals = false,
  ) {
    const { routes, policies, service, maxClients } =
      throttleOptions.parse(options);
    const store = new MemoryStore(() => this.nowMs, maxClients);
    const sources = { policies, store, gaps: this.gaps };
    const limited = (at: string, ...limits: LimitOrPolicy[]) =>
      new ReplayedRoute(at, limits, sources);
    this.service = limited('service', ...(service ? [service] : []));
    this.table = new RouteTable(
      Object.entries(routes).map(([key, { limits }]) => [
        key,
        this.route(key, limited(key, ...limits)),
      ]),
    );
    this.others = this.route(NO_ROUTE, limited(NO_ROUTE));
  }

  /**
   * Decides for the next request; tells what refuses it, if anything does. A
   * log is not always in order; time does not go back for that.
   */
  add(request: ReplayedRequest): Refusal | 'service' | undefined {
    this.firstMs ??= request.atMs;
    this.nowMs = Math.max(this.nowMs, request.atMs);
    const found = this.table.find(request.method, request.path);
    const { tally, limits } = found?.route ?? this.others;
    const routed = { ...request, params: found?.params ?? {} };
    const refusal = this.service.refusal(routed)
      ? 'service'
      : limits.refusal(routed);
    tally.requests++;
    this.timeline.add(this.nowMs, refusal !== undefined);
    if (this.keepsArrivals) {
      tally.arrivals.timesMs.push(this.nowMs);
      tally.arrivals.clients.push(request.address);
    }
    if (refusal) this.refuse(tally, refusal, request.address);
    return refusal;
  }

  private refuse(
    tally: EndpointTally,
    refusal: Refusal | 'service',
    client: string,
  ): void {
    tally.refused[refusal]++;
    tally.firstRefusedMs ??= this.nowMs;
    const times = this.refusedClients.get(client) ?? 0;
    this.refusedClients.set(client, times + 1);
  }

  private route(endpoint: string, limits: ReplayedRoute): Route {
    const tally: EndpointTally = {
      endpoint,
      requests: 0,
      refused: {
        service: 0,
        'deny list': 0,
        'all callers': 0,
        'each client': 0,
      },
      arrivals: { timesMs: [], clients: [] },
    };
    this.tallies.push(tally);
    return { tally, limits };
  }
}
