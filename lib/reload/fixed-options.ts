import { isDeepStrictEqual } from 'node:util';
import { backendFaults } from './backend-faults.js';
import { needsRestart } from './needs-restart.js';
import { Fault } from '../config/fault.js';
import {
  ThrottleConfig,
  ThrottleOptions,
} from '../config/schema/throttle-options.schema.js';

/** Options that are read once, when the application starts. */
const FIXED = [
  'store',
  'maxClients',
  'server',
  'deadlineHeader',
  'cancelWithCaller',
] as const satisfies readonly (keyof ThrottleOptions)[];

/** The options, with those that cannot change as they are where they were left out. */
export function withFixed(
  options: ThrottleOptions,
  started: ThrottleOptions,
): ThrottleOptions {
  const fixed = [...FIXED, 'backends' as const].filter(
    (key) => started[key] !== undefined,
  );
  const kept = Object.fromEntries(fixed.map((key) => [key, started[key]]));
  return { ...kept, ...options };
}

/** What only a restart can put in force. */
export function restartFaults(
  before: ThrottleConfig,
  after: ThrottleConfig,
): Fault[] {
  const changed = changedOptions(before, after);
  const faults = FIXED.filter((key) => changed.includes(key)).map((path) =>
    needsRestart(path, 'as it was at the start, or left out'),
  );
  return [...faults, ...backendFaults(before.backends, after.backends)];
}

/** The options that differ, by name; functions are the same only when they are the very same. */
export function changedOptions(
  before: ThrottleConfig,
  after: ThrottleConfig,
): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => {
    const name = key as keyof ThrottleConfig;
    return !isDeepStrictEqual(before[name], after[name]);
  });
}
