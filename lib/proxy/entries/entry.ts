import { checked } from '../../config/fault.js';
import {
  backendLimit,
  BackendLimit,
  BackendLimitOptions,
} from '../../config/schema/backend-limit.schema.js';
import { LimitText } from '../../config/schema/limit-text.js';

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

/**
 * Reads the limit of an entry outside the boot.
 *
 * @throws ThrottleConfigError when it is wrong
 */
export function readEntryLimit(entry: Entry, where: string): BackendLimit {
  return checked(backendLimit, entry.limit, entryPath(entry, where));
}

/** Where an entry stands, for people. */
export function entryPath(entry: Entry, where: string): string {
  return `@ProxyRateLimit("${entry.backend}") on ${where}`;
}
