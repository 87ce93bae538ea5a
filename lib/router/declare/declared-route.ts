import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { Marks } from '../../config/application-classes.js';

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

/** The deadline that the configuration gives a route. */
export interface RouteTimeout {
  readonly ms: number;
  /** The only HTTP method it applies to. */
  readonly method?: string;
}

/** A handler with the limits that decorators and the configuration put on it. */
export interface DeclaredRoute {
  readonly owner: Function;
  /** The name of its method. */
  readonly name: string;
  readonly handler: Function;
  /** What decorators left on the handler. */
  readonly marks: Marks;
  /** `catalog.CatalogController.find`; unique in the application. */
  readonly label: string;
  readonly limits: readonly RouteLimit[];
  /** Whether it also has the limits that the configuration gives its route. */
  readonly isConfigured: boolean;
  readonly timeouts?: readonly RouteTimeout[];
}
