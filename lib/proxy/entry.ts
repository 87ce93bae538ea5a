import {
  BackendLimit,
  BackendLimitOptions,
} from '../config/schema/backend-limit.schema.js';
import { LimitText } from '../config/schema/limit-text.js';

/** One `@ProxyRateLimit` on one method, as it was written. */
export interface Entry {
  readonly backend: string;
  readonly limit: BackendLimitOptions | LimitText;
  /** Whether requests are refused before the handler where the backend could not be called. */
  readonly refuseEarly?: boolean;
}

/** The entries that decorators put on a method. */
export const ENTRIES = 'floodgate:proxy-entries';

/** An entry of one class, checked. */
export interface DeclaredEntry {
  readonly entry: Entry;
  readonly owner: Function;
  /** `catalog.CatalogService.find`; unique in the application. */
  readonly label: string;
  readonly limit: BackendLimit;
}
