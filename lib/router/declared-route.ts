import { Marks } from '../discovery/marks.js';
import { RouteLimit } from './route-limit.js';

/** A handler with the limits that decorators put on it and on its controller. */
export interface DeclaredRoute {
  readonly owner: Function;
  readonly ownerMarks: Marks;
  readonly handler: Function;
  /** Those of the handler. */
  readonly marks: Marks;
  /** `catalog.CatalogController.find`; unique in the application. */
  readonly label: string;
  readonly limits: readonly RouteLimit[];
  /** Whether it also has the limits that the configuration gives its route. */
  readonly isConfigured: boolean;
  /** Deadline that the configuration gives its route, over that of the application. */
  readonly timeoutMs?: number;
  /** Which decorator's interceptor decides; the controller's wherever it has one. */
  readonly decidedAt: 'controller' | 'handler';
}
