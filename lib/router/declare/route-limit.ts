import { RouterLimit } from '../../config/schema/router-limit.schema.js';

/** A limit of one route: from a decorator, or a policy by its name. */
export interface RouteLimit {
  readonly limit: RouterLimit;
  /** The name of the policy; an inline limit may carry one of its own. */
  readonly name?: string;
  /** Where it stands, for people: `@RouterRateLimit on CatalogController.find`. */
  readonly from?: string;
  /** The policy that was named there. */
  readonly policy?: string;
  readonly shared?: boolean;
  /** The route of the configuration that has it: whoever serves the route draws from the same buckets. */
  readonly route?: string;
  /** The only HTTP method that it applies to, where its handler serves all of them. */
  readonly method?: string;
}
