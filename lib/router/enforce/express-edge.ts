import type { IncomingHttpHeaders } from 'node:http';
import { match, MatchFunction, ParamData } from 'path-to-regexp';
import { lazy } from '../../config/values.js';
import { routePattern } from '../declare/route-pattern.js';
import { Rejection } from '../reject/rejection.js';
import { reply } from '../reject/reply.js';
import { methodsServed } from '../declare/served-routes.js';
import { HttpResponse } from '../transport/transport.js';
import {
  decideAtEdge,
  Done,
  HttpContext,
  OnRejected,
  ServiceLimit,
} from './edge.js';
import { EdgeRoute, EdgeRoutes } from './edge-routes.js';
import { EDGE_PASSED, EdgeRequest, Enforcer } from './enforcer.js';

interface ExpressRequest extends EdgeRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  params: unknown;
  [AT_EDGE]?: EdgeOutcome;
}

type Handler = (
  request: ExpressRequest,
  response: HttpResponse,
  next: Done,
) => void;

/** Whatever the application may use as middleware. */
export interface ExpressApplication {
  use(handler: Handler): unknown;
}

/** What the first part leaves for the second: a rejection, an error, or a route that waits for the body. */
type EdgeOutcome =
  | {
      readonly rejection: Rejection;
      readonly context: HttpContext;
      readonly hidden: IncomingHttpHeaders;
    }
  | { readonly error: unknown }
  | EdgeMatch;

/** Under which a request carries it: a map of requests would cost the garbage collector more than the decision. */
const AT_EDGE = Symbol('floodgate:at-edge');

/** The header fields by which parsers detect a body. */
const BODY_FIELDS = ['content-length', 'transfer-encoding'] as const;

/**
 * Edge limits on Express, in two parts. The first runs before all other
 * middleware and decides. The second runs after the application's middleware
 * and the body parsers and answers refused requests, so that CORS, helmet,
 * compression and loggers see the response; parsers don't read the body of a
 * refused request.
 */
export class ExpressEdge {
  /** The routes with edge limits in force; `undefined` without any. */
  matcher: EdgeMatcher | undefined;

  constructor(
    private readonly enforcer: Enforcer,
    private readonly service: ServiceLimit,
  ) {}

  /** Decides `service` and edge limits, before all other middleware. */
  readonly decide: Handler = (request, response, next) => {
    if (!this.enforcer.routes.table.service) {
      this.decideRoute(request, response, next);
      return;
    }
    this.service.decide(request, response, (error) => {
      if (error) next(error);
      else this.decideRoute(request, response, next);
    });
  };

  private decideRoute(
    request: ExpressRequest,
    response: HttpResponse,
    next: Done,
  ): void {
    const found = this.matcher?.find(request.method, request.path);
    if (!found) {
      next();
      return;
    }
    if (this.enforcementOf(found, request)?.edgeNeedsBody) {
      request[AT_EDGE] = found;
      next();
      return;
    }
    // The application's middleware must see an error like any response, so it is passed on after them.
    const done: Done = (error) => {
      if (error) request[AT_EDGE] = { error };
      next();
    };
    this.pass(found, request, response, done, (rejection, context) => {
      const hidden = hideBody(request);
      request[AT_EDGE] = { rejection, context, hidden };
      next();
    });
  }

  /** Answers refused requests, and decides those that waited for the body. */
  readonly answer: Handler = (request, response, next) => {
    const outcome = request[AT_EDGE];
    if (outcome === undefined) next();
    else if ('route' in outcome) this.pass(outcome, request, response, next);
    else if ('error' in outcome) next(outcome.error);
    else {
      Object.assign(request.headers, outcome.hidden);
      const { refusalBody } = this.enforcer.routes.table.config;
      reply(outcome.rejection, outcome.context, refusalBody);
    }
  };

  private pass(
    found: EdgeMatch,
    request: ExpressRequest,
    response: HttpResponse,
    next: Done,
    onRejected?: OnRejected,
  ): void {
    const enforcement = this.enforcementOf(found, request);
    if (!enforcement?.edge) {
      next();
      return;
    }
    const { edge, endsAtEdge } = enforcement;
    const { label, owner, handler } = found.route;
    request[EDGE_PASSED] = endsAtEdge ? found.route : label;
    // Express replaces them for each handler.
    request.params = found.params;
    const context = new HttpContext(request, response, owner, handler, next);
    decideAtEdge(this.enforcer, edge, context, next, onRejected);
  }

  private enforcementOf(
    { route: { label } }: EdgeMatch,
    { method }: ExpressRequest,
  ) {
    const route = this.enforcer.routes.table.routes.get(label);
    return route?.everyMethod ?? route?.forMethod(method);
  }
}

/** Removes the fields by which parsers detect a body; returns them. */
function hideBody({ headers }: ExpressRequest): IncomingHttpHeaders {
  const hidden: IncomingHttpHeaders = {};
  for (const field of BODY_FIELDS) {
    if (headers[field] === undefined) continue;
    hidden[field] = headers[field];
    delete headers[field];
  }
  return hidden;
}

/** How an Express router matches paths. */
export interface PathOptions {
  readonly sensitive: boolean;
  readonly strict: boolean;
}

/** A route with edge limits that a request matches. */
export interface EdgeMatch {
  readonly route: EdgeRoute;
  readonly params: ParamData;
}

/** The parts of a route table in use. */
interface EdgeTable {
  readonly routes: ReadonlyMap<string, { readonly hasEdge: boolean }>;
}

interface Entry {
  readonly route: EdgeRoute;
  readonly hasEdge: boolean;
  /** `undefined` for any method. */
  readonly methods: readonly string[] | undefined;
  /** Compiled by the first request that gets this far. */
  readonly matches: () => MatchFunction<ParamData>;
}

/**
 * Matches requests to routes with edge limits as Express does: in order of
 * registration, with the same path library. It also contains earlier routes
 * that could take the same request.
 */
export class EdgeMatcher {
  /** By the first segment of the paths that they match; those that match any segment, if a segment isn't listed. */
  private readonly bySegment = new Map<string, Entry[]>();
  private readonly ofAnySegment: Entry[] = [];

  constructor(
    { routes, normalize }: EdgeRoutes,
    table: EdgeTable,
    { sensitive, strict }: PathOptions,
  ) {
    const hasEdge = ({ label }: EdgeRoute) =>
      table.routes.get(label)?.hasEdge === true;
    const lastEdge = routes.findLastIndex(hasEdge);
    const upTo = routes.slice(0, lastEdge + 1);
    const edges = upTo.filter(hasEdge);
    for (const route of upTo) {
      if (!hasEdge(route) && !edges.some(overlaps(route))) continue;
      const path = normalize(route.path);
      this.add(path, {
        route,
        hasEdge: hasEdge(route),
        methods: methodsServed(route.method),
        matches: lazy(() => match(path, { sensitive, trailing: !strict })),
      });
    }
  }

  get isEmpty(): boolean {
    return this.bySegment.size === 0 && this.ofAnySegment.length === 0;
  }

  /** The route with edge limits that the framework will select for a request. */
  find(method: string, path: string): EdgeMatch | undefined {
    const candidates =
      this.bySegment.get(firstSegment(path).toLowerCase()) ?? this.ofAnySegment;
    for (const { route, hasEdge, methods, matches } of candidates) {
      if (methods?.includes(method) === false) continue;
      const found = matches()(path);
      if (found) return hasEdge ? { route, params: found.params } : undefined;
    }
    return undefined;
  }

  /** Each list keeps the order of registration. */
  private add(path: string, entry: Entry): void {
    const segment = firstSegment(path.toLowerCase());
    if (!IS_FIXED.test(segment)) {
      this.ofAnySegment.push(entry);
      for (const entries of this.bySegment.values()) entries.push(entry);
      return;
    }
    const known = this.bySegment.get(segment);
    if (known) known.push(entry);
    else this.bySegment.set(segment, [...this.ofAnySegment, entry]);
  }
}

/** A segment that matches only itself in a pattern, and is the same in any case mapping. */
const IS_FIXED = /^[\w.~-]+$/;

function firstSegment(path: string): string {
  const end = path.indexOf('/', 1);
  return end < 0 ? path.slice(1) : path.slice(1, end);
}

/** Whether two routes could match the same request, judging by their segments. */
function overlaps(one: EdgeRoute): (other: EdgeRoute) => boolean {
  const own = segmentsOf(one);
  return (other) => {
    if (
      one.method !== other.method &&
      one.method !== 'ALL' &&
      other.method !== 'ALL'
    ) {
      return false;
    }
    const others = segmentsOf(other);
    if (own === undefined || others === undefined) return true;
    if (own.length !== others.length) return false;
    return own.every(
      (segment, i) =>
        segment === others[i] ||
        segment.includes(':') ||
        others[i].includes(':'),
    );
  };
}

/** The segments of a path in lower case; `undefined` if their number varies. */
function segmentsOf({ path }: EdgeRoute): string[] | undefined {
  const { shape } = routePattern(path.toLowerCase());
  return /[*{}()?+]/.test(shape) ? undefined : shape.split('/');
}
