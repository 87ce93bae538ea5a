import type { ExecutionContext } from '@nestjs/common';
import { reply } from '../reject/reply.js';
import { Rejection } from '../reject/rejection.js';
import { AdmittedCharge, Gate } from '../routes/gates.js';
import { HttpResponse } from '../transport/transport.js';
import { EdgeRoute } from './edge-routes.js';
import { EDGE_PASSED, EdgeRequest, Enforcer } from './enforcer.js';
import { seeDocs } from '../../core/docs-address.js';

/** Continues a framework's hook: without an argument the request goes on, otherwise it fails with the error. */
export type Done = (error?: unknown) => void;

/** Answers a refused request, now or later. */
export type OnRejected = (rejection: Rejection, context: HttpContext) => void;

/**
 * Decides an HTTP request before Nest sees it.
 *
 * @param onRejected answers the request; default: at once, with the framework's
 *   own reply
 */
export function decideAtEdge(
  enforcer: Enforcer,
  gate: Gate,
  context: HttpContext,
  done: Done,
  onRejected?: OnRejected,
): void {
  try {
    const decision = gate.pass(context);
    if (decision instanceof Promise) {
      const later = decision.then((late) =>
        conclude(late, enforcer, context, onRejected),
      );
      void later.then((admitted) => admitted && done(), done);
      return;
    }
    const goesOn =
      decision === undefined ||
      conclude(decision, enforcer, context, onRejected);
    if (!goesOn) return;
  } catch (error) {
    done(error);
    return;
  }
  // Outside the try: what the rest of the application throws isn't our error.
  done();
}

/** Whether the request goes on. */
function conclude(
  decided: AdmittedCharge | Rejection,
  enforcer: Enforcer,
  context: HttpContext,
  onRejected: OnRejected | undefined,
): boolean {
  if (decided instanceof Rejection) {
    if (onRejected) onRejected(decided, context);
    else reply(decided, context, enforcer.routes.table.config.refusalBody);
    return false;
  }
  if (decided) enforcer.settlements.add(decided, context);
  return true;
}

/** An HTTP request that Nest hasn't seen yet, for the functions of limits. */
export class HttpContext implements ExecutionContext {
  /**
   * @param owner the controller of the route
   * @param handler its method
   */
  constructor(
    readonly request: unknown,
    readonly response: HttpResponse,
    private readonly owner: Function,
    private readonly handler: Function,
    private readonly next?: unknown,
  ) {}

  getType<Type extends string>(): Type {
    return 'http' as Type;
  }

  getArgs<Args extends unknown[]>(): Args {
    return [this.request, this.response, this.next] as Args;
  }

  getArgByIndex<Arg>(index: number): Arg {
    if (index === 0) return this.request as Arg;
    return (index === 1 ? this.response : this.next) as Arg;
  }

  getClass<Class>(): Class {
    return this.owner as Class;
  }

  getHandler(): Function {
    return this.handler;
  }

  switchToHttp() {
    return {
      getRequest: <T>() => this.request as T,
      getResponse: <T>() => this.response as T,
      getNext: <T>() => this.next as T,
    };
  }

  switchToRpc(): never {
    throw new TypeError(
      `a request over HTTP has no RPC context. ${seeDocs('errors', 'wrong-context')}`,
    );
  }

  switchToWs(): never {
    throw new TypeError(
      `a request over HTTP has no WebSocket context. ${seeDocs('errors', 'wrong-context')}`,
    );
  }
}

/** Marks a request for which `service` was decided. */
export const SERVICE_PASSED = Symbol('floodgate:service-passed');

interface ServiceRequest {
  readonly method: string;
  /** Node's request beneath Fastify's. */
  readonly raw?: { [SERVICE_PASSED]?: boolean };
  [SERVICE_PASSED]?: boolean;
}

/**
 * Enforces `service`, the limit of the whole application, before anything else
 * sees a request: unknown routes, middleware and CORS preflights included.
 */
export class ServiceLimit {
  constructor(private readonly enforcer: Enforcer) {}

  /** A hook for either framework. It may be installed several times; the first call decides. */
  readonly decide = (
    request: ServiceRequest,
    response: HttpResponse,
    done: Done,
  ): void => {
    const { service } = this.enforcer.routes.table;
    const isPassed = request[SERVICE_PASSED] ?? request.raw?.[SERVICE_PASSED];
    if (!service || isPassed) {
      done();
      return;
    }
    request[SERVICE_PASSED] = true;
    const context = new HttpContext(
      request,
      response,
      ServiceLimit,
      ServiceLimit,
      done,
    );
    decideAtEdge(this.enforcer, service, context, done);
  };
}

type Hook = (request: EdgeRequest, reply: HttpResponse, done: Done) => void;
type Hooks = Hook | Hook[] | undefined;

interface RouteOptions {
  readonly method: string | readonly string[];
  readonly url: string;
  onRequest?: Hooks;
  preHandler?: Hooks;
}

/** The parts of a Fastify instance in use. */
export interface FastifyInstance {
  addHook(name: 'onRoute', hook: (options: RouteOptions) => void): unknown;
  addHook(name: 'onRequest', hook: Hook): unknown;
  decorateRequest(name: symbol, value: unknown): unknown;
}

/**
 * Adds hooks to the routes of limited handlers: `onRequest` before the body is
 * read, `preHandler` for limits that need it. Every route of a decorated
 * handler gets them, so that its first edge limit needs no restart.
 *
 * @param routeAt returns the limited handler of a route that is being
 *   registered
 */
export function addFastifyEdge(
  fastify: FastifyInstance,
  enforcer: Enforcer,
  routeAt: (method: string, path: string) => EdgeRoute | undefined,
): void {
  fastify.decorateRequest(EDGE_PASSED, undefined);
  const ours = new WeakSet<Hook>();
  fastify.addHook('onRoute', (options) => {
    const [method] = [options.method].flat();
    const route = routeAt(method, options.url);
    if (!route) return;
    const { onRequest = [], preHandler = [] } = options;
    const present = [onRequest].flat();
    // The HEAD route that Fastify adds already has the hooks of GET.
    if (present.some((hook) => ours.has(hook))) return;
    const early = hookOf(route, enforcer, false);
    ours.add(early);
    options.onRequest = [...present, early];
    options.preHandler = [
      hookOf(route, enforcer, true),
      ...[preHandler].flat(),
    ];
  });
}

function hookOf(
  edgeRoute: EdgeRoute,
  enforcer: Enforcer,
  hasBody: boolean,
): Hook {
  const { label, owner, handler } = edgeRoute;
  return (request, reply, done) => {
    const route = enforcer.routes.table.routes.get(label);
    if (!route?.hasEdge) {
      done();
      return;
    }
    const { edge, edgeNeedsBody, endsAtEdge } =
      route.everyMethod ?? route.forMethod(request.method);
    if (!edge || edgeNeedsBody !== hasBody) {
      done();
      return;
    }
    request[EDGE_PASSED] = endsAtEdge ? edgeRoute : label;
    const context = new HttpContext(request, reply, owner, handler);
    decideAtEdge(enforcer, edge, context, done);
  };
}
