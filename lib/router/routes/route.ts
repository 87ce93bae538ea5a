import type { ExecutionContext } from '@nestjs/common';
import { ThrottleConfig } from '../../config/schema/throttle-options.schema.js';
import { DeclaredRoute, RouteLimit } from '../declare/declared-route.js';
import { GateFactory, PreparedLimit } from './gate-factory.js';
import { Gate } from './gates.js';

/** What limits the time of an endpoint. */
export interface EndpointBounds {
  /** Its own deadline in milliseconds, if it has one. */
  readonly timeoutMs: number | undefined;
  /** Whether its backend calls end when its caller hangs up. */
  readonly cancelWithCaller: boolean;
}

/** What is enforced for a request of one handler. */
export interface Enforcement {
  /** Decided at the edge: before body parsing and guards. */
  readonly edge?: Gate;
  /** Whether a function of the edge limits reads the body, so that they wait until it is parsed. */
  readonly edgeNeedsBody: boolean;
  /** Decided by the interceptor. */
  readonly handler?: Gate;
  readonly bounds?: EndpointBounds;
  /** Whether a request that has passed the edge has nothing more to pass. */
  readonly endsAtEdge: boolean;
}

/**
 * The limits of one handler. Gates are created with its first request, from
 * limits that boot has checked: an application starts sooner, and holds nothing
 * for handlers that are never called.
 */
export class Route {
  readonly label: string;
  /** Whether the outcome of a request corrects its charge. */
  readonly settles: boolean;
  /** Whether any limit is decided at the edge. */
  readonly hasEdge: boolean;
  private prepared: readonly PreparedLimit[] | undefined;
  /** What is enforced, once created, if it is the same for every method. */
  everyMethod: Enforcement | undefined;
  private readonly byMethod: Map<string, Enforcement> | undefined;

  constructor(
    readonly declared: DeclaredRoute,
    private readonly factory: GateFactory,
  ) {
    const { label, limits, timeouts = [] } = declared;
    this.label = label;
    this.settles = limits.some(settles);
    this.hasEdge = limits.some((limit) => this.isEdge(limit));
    const methods = [...limits, ...timeouts].filter(({ method }) => method);
    if (methods.length > 0) this.byMethod = new Map();
    // The counts list limits in mode audit from the start.
    if (limits.some((limit) => factory.isAudited(limit))) this.prepare();
  }

  /** What is enforced for the request of a context. */
  for(context: ExecutionContext): Enforcement {
    if (this.byMethod === undefined || context.getType() !== 'http') {
      return (this.everyMethod ??= this.enforcement());
    }
    const request = context.getArgByIndex<{ readonly method: string }>(0);
    return this.forMethod(request.method);
  }

  /** What is enforced for an HTTP method; HEAD counts as GET unless it has its own limit. */
  forMethod(method: string): Enforcement {
    if (this.byMethod === undefined) {
      return (this.everyMethod ??= this.enforcement());
    }
    const name = this.names(method);
    const known = this.byMethod.get(name);
    if (known) return known;
    const made = this.enforcement(name);
    this.byMethod.set(name, made);
    return made;
  }

  /** Creates all gates now. */
  open(): void {
    if (this.byMethod === undefined) this.forMethod('');
    for (const method of methodsIn(this.declared)) this.forMethod(method);
  }

  private names(method: string): string {
    const own = methodsIn(this.declared);
    if (own.has(method)) return method;
    // Methods without their own limits share one entry.
    return method === 'HEAD' && own.has('GET') ? 'GET' : '';
  }

  private enforcement(method?: string): Enforcement {
    const limits = this.prepare().filter(
      ({ written }) =>
        written.method === undefined || written.method === method,
    );
    const early = limits.filter(({ written }) => this.isEdge(written));
    const late = limits.filter(({ written }) => !this.isEdge(written));
    const isFirst = this.config.service === undefined;
    const edge = this.factory.gate(this.label, early, isFirst);
    const handler = this.factory.gate(
      this.label,
      late,
      isFirst && edge === undefined,
    );
    const bounds = boundsOf(this.declared, this.config, method);
    return {
      edge,
      edgeNeedsBody: early.some(({ written }) => written.limit.needsBody),
      handler,
      bounds,
      endsAtEdge: edge !== undefined && !handler && !bounds && !this.settles,
    };
  }

  private prepare(): readonly PreparedLimit[] {
    const { label, declared, factory } = this;
    return (this.prepared ??= factory.prepare(label, declared.limits));
  }

  private get config(): ThrottleConfig {
    return this.factory.sources.config;
  }

  private isEdge({ limit }: RouteLimit): boolean {
    return (limit.phase ?? this.config.phase) === 'edge';
  }
}

/** A resolver may name a policy that settles. */
function settles({ limit }: RouteLimit): boolean {
  const { settle, tiers, resolve } = limit;
  return (
    Boolean(settle ?? resolve) ||
    (tiers?.some((tier) => tier.settle !== undefined) ?? false)
  );
}

function methodsIn({ limits, timeouts = [] }: DeclaredRoute): Set<string> {
  const methods = [...limits, ...timeouts].flatMap(
    ({ method }) => method ?? [],
  );
  return new Set(methods);
}

/** The shortest deadline of the route and its limits, otherwise that of all endpoints. */
function boundsOf(
  { limits, timeouts = [] }: DeclaredRoute,
  config: ThrottleConfig,
  method?: string,
): EndpointBounds | undefined {
  const isOf = (one: { readonly method?: string }) =>
    one.method === undefined || one.method === method;
  const { backends, deadlineHeader, cancelWithCaller, timeout } = config;
  const shortest = Math.min(
    ...timeouts.filter(isOf).map(({ ms }) => ms),
    ...limits.filter(isOf).map(({ limit }) => limit.timeoutMs ?? Infinity),
  );
  if (shortest < Infinity) return { timeoutMs: shortest, cancelWithCaller };
  const isBound =
    timeout !== undefined ||
    deadlineHeader !== undefined ||
    Object.keys(backends).length > 0;
  return isBound ? { timeoutMs: timeout, cancelWithCaller } : undefined;
}
