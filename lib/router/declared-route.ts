import { RouteLimit } from './route-parts.js';

/** A handler with the limits that decorators put on it and on its controller. */
export interface DeclaredRoute {
  readonly owner: Function;
  readonly handler: Function;
  /** `catalog.CatalogController.find`; unique in the application. */
  readonly label: string;
  readonly limits: readonly RouteLimit[];
  /** Which decorator's interceptor decides; the controller's wherever it has one. */
  readonly decidedAt: 'controller' | 'handler';
}
