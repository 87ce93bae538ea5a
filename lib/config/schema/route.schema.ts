import * as z from 'zod/mini';
import { name, timerDuration } from './figures.js';
import { orDefault, strictOptions } from './strict-options.js';
import { routerLimitForms } from './router-limit.schema.js';

const LIMIT_OR_POLICY =
  'a limit: an object, a string such as "100/1m", or the name of a policy';

const limitOrPolicy = z.union([...routerLimitForms, name], {
  error: LIMIT_OR_POLICY,
});

const LIMITS = `${LIMIT_OR_POLICY}; or a list of these`;

/** The limits and the deadline of a route. */
export const route = strictOptions(() => ({
  /** One limit or a list, inline or by policy name. Default: none. */
  limits: orDefault(
    z.pipe(
      z.union([z.array(limitOrPolicy), ...routerLimitForms, name], {
        error: LIMITS,
      }),
      z.transform((limits) => (Array.isArray(limits) ? limits : [limits])),
    ),
    [],
  ),
  /** Deadline of the route; overrides the application's. */
  timeout: z.optional(timerDuration),
}));

const ROUTE =
  'a method and a path with parameters as {id} or :id, such as "GET /products/{id}"';

/** A method and a path. */
export const routeName = z.string({ error: ROUTE }).check(
  z.regex(/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/\S*$/, {
    error: ROUTE,
  }),
);

/** Routes by method and path. */
export const routes = z.record(routeName, route, {
  error: 'an object of routes by method and path',
});

/** A validated route. */
export type RouteConfig = z.output<typeof route>;
