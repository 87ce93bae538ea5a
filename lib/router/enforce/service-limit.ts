import { HttpResponse } from '../../problem/response-header.js';
import { Enforcer } from './enforcer.js';
import { decideAtEdge, Done, HttpContext } from './http-edge.js';

/** Where a request carries that `service` was decided for it. */
const SERVICE_PASSED = Symbol('floodgate:service-passed');

interface Request {
  readonly method: string;
  [SERVICE_PASSED]?: boolean;
}

/**
 * Decides `service`, the limit of the whole application, before anything else
 * sees a request: unknown routes, middleware and CORS preflights included.
 */
export class ServiceLimit {
  constructor(private readonly enforcer: Enforcer) {}

  /** A hook of either framework. It may stand in several places; the first decides. */
  readonly decide = (
    request: Request,
    response: HttpResponse,
    done: Done,
  ): void => {
    const { service } = this.enforcer.routes.table;
    if (!service || request[SERVICE_PASSED]) {
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
