import { checked } from '../config/fault.js';
import {
  BackendLimit,
  backendLimit,
} from '../config/schema/backend-limit.schema.js';
import { Entry } from './entry.js';

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
