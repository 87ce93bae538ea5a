import { HttpResponse } from '../../problem/response-header.js';
import { decideAtEdge, Done, HttpContext } from './http-edge.js';
import { EdgeRoute } from './edge-routes.js';
import { EDGE_PASSED, Enforcer } from './enforcer.js';

interface FastifyRequest {
  readonly method: string;
  [EDGE_PASSED]?: string;
}

type Hook = (request: FastifyRequest, reply: HttpResponse, done: Done) => void;
type Hooks = Hook | Hook[] | undefined;

interface RouteOptions {
  readonly method: string | readonly string[];
  readonly url: string;
  onRequest?: Hooks;
  preHandler?: Hooks;
}

/** What of Fastify's instance is used. */
export interface FastifyInstance {
  addHook(name: 'onRoute', hook: (options: RouteOptions) => void): unknown;
  addHook(name: 'onRequest', hook: Hook): unknown;
  decorateRequest(name: symbol, value: unknown): unknown;
}

/**
 * Puts hooks on the routes of limited handlers: `onRequest` before the body is
 * read, `preHandler` where a limit needs it. Every route of a decorated handler
 * gets them, so that its first edge limit needs no restart.
 *
 * @param routeAt tells the limited handler of a route as it is registered
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
    // The route that Fastify adds for HEAD has the hooks of GET already.
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
  { label, owner, handler }: EdgeRoute,
  enforcer: Enforcer,
  hasBody: boolean,
): Hook {
  return (request, reply, done) => {
    const route = enforcer.routes.table.routes.get(label);
    if (!route?.hasEdge) {
      done();
      return;
    }
    const { edge, edgeNeedsBody } = route.forMethod(request.method);
    if (!edge || edgeNeedsBody !== hasBody) {
      done();
      return;
    }
    request[EDGE_PASSED] = label;
    const context = new HttpContext(request, reply, owner, handler);
    decideAtEdge(enforcer, edge, context, done);
  };
}
