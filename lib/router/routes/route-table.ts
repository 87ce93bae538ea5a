import type { ExecutionContext } from '@nestjs/common';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { ThrottleConfig } from '../../config/schema/throttle-options.schema.js';
import { ApplicationClass } from '../../config/application-classes.js';
import { LIMITS } from '../decorators/metadata.js';
import { DeclaredRoute } from '../declare/declared-route.js';
import { isHandler } from '../declare/nest-metadata.js';
import { ServedRoute, serves } from '../declare/served-routes.js';
import { GateFactory } from './gate-factory.js';
import { Gate } from './gates.js';
import { Route } from './route.js';
import { seeDocs } from '../../core/docs-address.js';

/** An immutable snapshot of every limit in force. `update` builds the complete next one, then replaces this. */
export class RouteTable {
  /** The gate of `service`, if there is one. */
  readonly service: Gate | undefined;

  private constructor(
    readonly routes: ReadonlyMap<string, Route>,
    private readonly factory: GateFactory,
  ) {
    this.service = serviceGate(factory);
  }

  /** Creates the routes of declared handlers. */
  static of(declared: readonly DeclaredRoute[], factory: GateFactory) {
    const routes = new Map<string, Route>();
    for (const route of declared) {
      if (route.limits.length === 0 && !route.timeouts?.length) continue;
      routes.set(route.label, new Route(route, factory));
    }
    return new RouteTable(routes, factory);
  }

  /** The configuration of these limits. */
  get config(): ThrottleConfig {
    return this.factory.sources.config;
  }

  /** How many times the limits have been replaced. */
  get edition(): number {
    return this.factory.sources.edition;
  }

  /** Creates every gate now, so that whatever can fail fails before the table is in force. */
  *open(): Generator<undefined, void> {
    for (const route of this.routes.values()) {
      route.open();
      yield;
    }
  }

  /** Gives buckets in use their new limits, all at the same instant. Must not throw: see `PlannedBuckets.activate`. */
  activate(): void {
    for (const planned of this.factory.planned) planned.activate?.();
  }
}

function serviceGate(factory: GateFactory): Gate | undefined {
  const limit: RouterLimit | undefined = factory.sources.config.service;
  if (!limit) return undefined;
  const written = { limit, name: limit.name ?? 'service' };
  const limits = factory.prepare('service', [written]);
  return factory.gate('service', limits, true);
}

/** A request reached a handler that the table doesn't know; it must not pass without its limit. */
export class UnknownHandlerError extends Error {
  override readonly name = 'UnknownHandlerError';

  constructor(owner: Function, handler: Function) {
    const called = handler.name === '' ? 'an anonymous function' : handler.name;
    super(
      `${owner.name} has limits of @RouterRateLimit(), but the handler that Nest calls (${called}) is none of its methods, so its limit is unknown and the request is refused. A wrapper of handlers must copy their metadata (Reflect.getMetadataKeys) or keep their name. ${seeDocs('errors', 'UnknownHandlerError')}`,
    );
  }
}

/** What an application reports about its classes, besides their decorators. */
export interface ClassSources {
  readonly classes: readonly ApplicationClass[];
  /** The instances of a class, to recognise functions assigned to them. */
  readonly instancesOf: (owner: Function) => readonly object[];
  /** The methods and paths of a handler. */
  readonly servedAt: (
    owner: Function,
    handler: Function,
  ) => readonly ServedRoute[];
}

/**
 * The reference through which every request finds its limits. Handlers are
 * known from the start; `update` replaces the table behind them.
 */
export class RoutesInForce {
  private readonly owners: ReadonlyMap<Function, HandlersOfClass>;

  /**
   * @param table the limits in force
   * @param declared every limited handler
   */
  constructor(
    public table: RouteTable,
    declared: readonly DeclaredRoute[],
    sources: ClassSources,
  ) {
    const labels = labelsByClass(declared);
    this.owners = new Map(
      sources.classes.filter(isLimited).map((owner) => {
        const named = labels.get(owner.type) ?? new Map<string, string>();
        return [owner.type, new HandlersOfClass(owner, named, sources)];
      }),
    );
  }

  /**
   * The limits of a handler under our interceptor; `undefined` if the table has
   * none for it.
   *
   * @throws UnknownHandlerError if its class has no such handler
   */
  of(context: ExecutionContext): Route | undefined {
    const owner = context.getClass();
    const handlers = this.owners.get(owner);
    const handler = context.getHandler();
    if (handlers === undefined) throw new UnknownHandlerError(owner, handler);
    return this.at(handlers.labelOf(handler, context));
  }

  /** The limits of any handler; `undefined` if its class has none. */
  find(context: ExecutionContext): Route | undefined {
    return this.owners.has(context.getClass()) ? this.of(context) : undefined;
  }

  private at(label: string): Route | undefined {
    return label === UNLIMITED ? undefined : this.table.routes.get(label);
  }
}

function isLimited({ marks, methods }: ApplicationClass): boolean {
  return (
    marks.includes(LIMITS) ||
    methods.some((method) => method.marks.includes(LIMITS))
  );
}

/** Labels of the limited handlers of each class, by method name. */
export function labelsByClass(
  declared: readonly DeclaredRoute[],
): Map<Function, Map<string, string>> {
  const labels = new Map<Function, Map<string, string>>();
  for (const { owner, name, label } of declared) {
    const ofOwner = labels.get(owner) ?? new Map<string, string>();
    labels.set(owner, ofOwner.set(name, label));
  }
  return labels;
}

const UNLIMITED = '';

/** A Fastify or Express request with a matched route. */
interface MatchedRequest {
  readonly method: string;
  readonly routeOptions?: { readonly url?: string };
  readonly route?: { readonly path?: unknown };
}

/**
 * Recognises the handlers of one class, whatever function stands for them when
 * a request comes: tracers and aspects wrap methods in functions of their own.
 */
class HandlersOfClass {
  /** The class's own functions. */
  private readonly methods = new Map<Function, string>();
  private readonly byName = new Map<string, string>();
  /** By the list that the decorator left, which wrappers copy with all other metadata. */
  private readonly byLimits = new Map<unknown, string>();
  /** Functions that stand for methods, once recognised. */
  private readonly others = new WeakMap<Function, string>();

  constructor(
    private readonly owner: ApplicationClass,
    labels: ReadonlyMap<string, string>,
    private readonly sources: ClassSources,
  ) {
    for (const { name, body, marks } of owner.methods) {
      const label = labels.get(name) ?? UNLIMITED;
      this.methods.set(body, label);
      if (isHandler(marks) || label !== UNLIMITED) this.byName.set(name, label);
      if (marks.includes(LIMITS)) {
        this.byLimits.set(Reflect.getMetadata(LIMITS, body), label);
      }
    }
  }

  /** @throws UnknownHandlerError if its class has no such handler */
  labelOf(handler: Function, context: ExecutionContext): string {
    const known = this.methods.get(handler) ?? this.others.get(handler);
    if (known !== undefined) return known;
    const label =
      this.byLimits.get(Reflect.getMetadata(LIMITS, handler)) ??
      this.byName.get(handler.name.replace(/^(?:bound )+/, '')) ??
      this.onInstance(handler) ??
      this.atRoute(context) ??
      this.onlyOne();
    if (label === undefined) {
      throw new UnknownHandlerError(this.owner.type, handler);
    }
    this.others.set(handler, label);
    return label;
  }

  /** A function without metadata or name may be what an instance has under the name of a method. */
  private onInstance(handler: Function): string | undefined {
    for (const instance of this.sources.instancesOf(this.owner.type)) {
      for (const [name, label] of this.byName) {
        if (Reflect.get(instance, name) === handler) return label;
      }
    }
    return undefined;
  }

  /** Over HTTP, the framework knows the matched route. */
  private atRoute(context: ExecutionContext): string | undefined {
    if (context.getType() !== 'http') return undefined;
    const request = context.getArgByIndex<MatchedRequest>(0);
    const path = request.routeOptions?.url ?? request.route?.path;
    const { type, methods } = this.owner;
    const found = methods.find(({ body }) =>
      this.sources
        .servedAt(type, body)
        .some((at) => at.path === path && serves(at.method, request.method)),
    );
    return found && this.byName.get(found.name);
  }

  private onlyOne(): string | undefined {
    const [only, ...others] = this.byName.values();
    return others.length === 0 ? only : undefined;
  }
}
