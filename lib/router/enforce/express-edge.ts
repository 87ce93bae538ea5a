import type { IncomingHttpHeaders } from 'node:http';
import { HttpResponse } from '../../problem/response-header.js';
import { Rejection } from '../reject/rejection.js';
import { reply } from '../reject/reply.js';
import { EdgeMatch, EdgeMatcher } from './edge-routes.js';
import { EDGE_PASSED, Enforcer } from './enforcer.js';
import { decideAtEdge, Done, HttpContext } from './http-edge.js';

interface ExpressRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  params: unknown;
  [EDGE_PASSED]?: string;
}

type Handler = (
  request: ExpressRequest,
  response: HttpResponse,
  next: Done,
) => void;

/** What the application may use as middleware. */
export interface ExpressApplication {
  use(handler: Handler): unknown;
}

interface Refused {
  readonly rejection: Rejection;
  readonly context: HttpContext;
  readonly hidden: IncomingHttpHeaders;
}

/** The header fields by which parsers see that a request has a body. */
const BODY_FIELDS = ['content-length', 'transfer-encoding'] as const;

/**
 * Edge limits on Express, in two places. The first stands before all other
 * middleware and decides. The second stands behind the application's middleware
 * and the body parsers and answers what was refused, so that CORS, helmet,
 * compression and loggers see the answer; parsers leave the body of a refused
 * request unread.
 */
export class ExpressEdge {
  /** The routes with edge limits in force. */
  matcher: EdgeMatcher | undefined;
  private readonly refused = new WeakMap<ExpressRequest, Refused>();
  private readonly waiting = new WeakMap<ExpressRequest, EdgeMatch>();

  constructor(private readonly enforcer: Enforcer) {}

  /** Decides before all other middleware. */
  readonly decide: Handler = (request, response, next) => {
    const found =
      this.matcher?.isEmpty === false
        ? this.matcher.find(request.method, request.path)
        : undefined;
    if (!found) {
      next();
      return;
    }
    if (this.enforcementOf(found, request)?.edgeNeedsBody) {
      this.waiting.set(request, found);
      next();
      return;
    }
    this.pass(found, request, response, next, (rejection, context) => {
      this.refused.set(request, {
        rejection,
        context,
        hidden: hideBody(request),
      });
      next();
    });
  };

  /** Answers what was refused, and decides what had to wait for the body. */
  readonly answer: Handler = (request, response, next) => {
    const refused = this.refused.get(request);
    if (refused) {
      Object.assign(request.headers, refused.hidden);
      reply(refused.rejection, refused.context, this.enforcer.refusalBody);
      return;
    }
    const found = this.waiting.get(request);
    if (found) this.pass(found, request, response, next);
    else next();
  };

  private pass(
    found: EdgeMatch,
    request: ExpressRequest,
    response: HttpResponse,
    next: Done,
    onRejected?: (rejection: Rejection, context: HttpContext) => void,
  ): void {
    const edge = this.enforcementOf(found, request)?.edge;
    if (!edge) {
      next();
      return;
    }
    const { label, owner, handler } = found.route;
    request[EDGE_PASSED] = label;
    // Express sets them anew for each handler.
    request.params = found.params;
    const context = new HttpContext(request, response, owner, handler, next);
    decideAtEdge(
      this.enforcer,
      edge,
      context,
      next,
      onRejected && ((rejection) => onRejected(rejection, context)),
    );
  }

  private enforcementOf(
    { route: { label } }: EdgeMatch,
    { method }: ExpressRequest,
  ) {
    return this.enforcer.routes.table.routes.get(label)?.forMethod(method);
  }
}

/** Takes away what parsers see a body by; returns it. */
function hideBody({ headers }: ExpressRequest): IncomingHttpHeaders {
  const hidden: IncomingHttpHeaders = {};
  for (const field of BODY_FIELDS) {
    if (headers[field] === undefined) continue;
    hidden[field] = headers[field];
    delete headers[field];
  }
  return hidden;
}
