import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../config/fault.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import {
  ThrottleConfig,
  ThrottleOptions,
} from '../config/schema/throttle-options.schema.js';
import { Steps } from '../config/steps.js';

/** Options that are read only at start. */
const FIXED = [
  'store',
  'maxClients',
  'server',
] as const satisfies readonly (keyof ThrottleOptions)[];

/** Fills in fixed options that were left out, with their values at start. */
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

/** The fault for a change that needs a restart. */
function needsRestart(path: string, allowed: string): Fault {
  return {
    path,
    found: 'a change at run time',
    allowed: `${allowed}; a change needs a restart`,
  };
}

/** Faults for all changes that need a restart. */
export function* restartFaults(
  before: ThrottleConfig,
  after: ThrottleConfig,
): Steps<Fault[]> {
  const changed = FIXED.filter(
    (key) => !isDeepStrictEqual(before[key], after[key]),
  );
  const faults = changed.map((path) =>
    needsRestart(path, 'as it was at the start, or left out'),
  );
  return [
    ...faults,
    ...(yield* backendFaults(before.backends, after.backends)),
  ];
}

/** The names of the options that differ. Functions are equal only if they are identical. */
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

type Backends = Readonly<Record<string, BackendConfig>>;

/** Backend options that can change while calls are in flight. The others belong to its connections, hosts or queue. */
const LIVE: ReadonlySet<string> = new Set<keyof BackendConfig>([
  'rateLimit',
  'circuitBreaker',
  'timeout',
  'retry',
  'hedge',
  'fallback',
]);

/** Breaker options that can't change at run time. */
const FIXED_OF_BREAKER = [
  'name',
  'logStatusChange',
  'isFailure',
  'hints',
] as const;

/** The number of backends to compare before yielding. */
const PART = 250;

function* backendFaults(before: Backends, after: Backends): Steps<Fault[]> {
  const faults: Fault[] = [];
  let compared = 0;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    faults.push(...faultsOf(`backends.${name}`, before[name], after[name]));
    if (++compared % PART === 0) yield;
  }
  return faults;
}

function faultsOf(
  path: string,
  before: BackendConfig | undefined,
  after: BackendConfig | undefined,
): Fault[] {
  if (!before) return [needsRestart(path, 'the backends of the start')];
  if (!after) return [needsRestart(path, 'this backend, as at the start')];
  return fixedPaths(before, after).map((option) =>
    needsRestart(`${path}.${option}`, 'as it was at the start'),
  );
}

function fixedPaths(before: BackendConfig, after: BackendConfig): string[] {
  const options = new Set([...Object.keys(before), ...Object.keys(after)]);
  const fixed = [...options].filter((option) => {
    const key = option as keyof BackendConfig;
    return !LIVE.has(key) && !isDeepStrictEqual(before[key], after[key]);
  });
  const wasShared = before.rateLimit?.shared ?? false;
  const isShared = after.rateLimit?.shared ?? wasShared;
  return [
    ...fixed,
    ...(isShared === wasShared ? [] : ['rateLimit.shared']),
    ...breakerPaths(before.circuitBreaker, after.circuitBreaker),
  ];
}

function breakerPaths(
  before: BackendConfig['circuitBreaker'],
  after: BackendConfig['circuitBreaker'],
): string[] {
  if (!before && !after) return [];
  if (!before || !after) return ['circuitBreaker'];
  return FIXED_OF_BREAKER.filter(
    (key) => !isDeepStrictEqual(before[key], after[key]),
  ).map((key) => `circuitBreaker.${key}`);
}
