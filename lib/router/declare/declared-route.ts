import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { Marks } from '../../config/application-classes.js';

/** A limit of one route: from a decorator, or a policy by name. */
export interface RouteLimit {
  readonly limit: RouterLimit;
  /** The name of the policy; an inline limit may have its own. */
  readonly name?: string;
  /** Where it is declared: `@RouterRateLimit on CatalogController.find`. */
  readonly from?: string;
  /** The policy named there. */
  readonly policy?: string;
  readonly shared?: boolean;
  /** The route of the configuration that declares it: all handlers of the route draw from the same buckets. */
  readonly route?: string;
  /** The only HTTP method that it applies to, if its handler serves all of them. */
  readonly method?: string;
}

/** The deadline of a route in the configuration. */
export interface RouteTimeout {
  readonly ms: number;
  /** The only HTTP method it applies to. */
  readonly method?: string;
}

/** A handler with its limits from decorators and configuration. */
export interface DeclaredRoute {
  readonly owner: Function;
  /** The name of its method. */
  readonly name: string;
  readonly handler: Function;
  /** The metadata that decorators left on the handler. */
  readonly marks: Marks;
  /** `catalog.CatalogController.find`; unique in the application. */
  readonly label: string;
  readonly limits: readonly RouteLimit[];
  /** Whether the configuration's limits for its route apply too. */
  readonly isConfigured: boolean;
  readonly timeouts?: readonly RouteTimeout[];
}
