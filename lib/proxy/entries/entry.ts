import { checked } from '../../config/fault.js';
import {
  backendLimit,
  BackendLimit,
  BackendLimitOptions,
} from '../../config/schema/backend-limit.schema.js';
import { LimitText } from '../../config/schema/limit-text.js';

/** One `@ProxyRateLimit` on one method, as written in the code. */
export interface Entry {
  readonly backend: string;
  readonly limit: BackendLimitOptions | LimitText;
  /** Whether requests are rejected before the handler runs if the call would be rejected. */
  readonly refuseEarly?: boolean;
}

/** Metadata key: the entries of a method. */
export const ENTRIES = 'floodgate:proxy-entries';

/** A validated entry of one class. */
export interface DeclaredEntry {
  readonly entry: Entry;
  readonly owner: Function;
  /** `catalog.CatalogService.find`; unique in the application. */
  readonly label: string;
  readonly limit: BackendLimit;
}

/**
 * Validates the limit of an entry after startup.
 *
 * @throws ThrottleConfigError when the limit is invalid
 */
export function readEntryLimit(entry: Entry, where: string): BackendLimit {
  return checked(backendLimit, entry.limit, entryPath(entry, where));
}

/** The location of an entry, for messages. */
export function entryPath(entry: Entry, where: string): string {
  return `@ProxyRateLimit("${entry.backend}") on ${where}`;
}
