import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../config/fault.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { needsRestart } from './needs-restart.js';

type Backends = Readonly<Record<string, BackendConfig>>;

/** What a backend may change while calls go to it. The rest belongs to its connections, its hosts and its line. */
const LIVE: ReadonlySet<string> = new Set<keyof BackendConfig>([
  'rateLimit',
  'circuitBreaker',
  'timeout',
  'retry',
  'hedge',
  'fallback',
]);

/** What of a breaker belongs to the code around it. */
const FIXED_OF_BREAKER = [
  'name',
  'logStatusChange',
  'isFailure',
  'hints',
] as const;

/** What only a restart can put in force for backends. */
export function backendFaults(before: Backends, after: Backends): Fault[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const path = `backends.${name}`;
    const [old, next] = [before[name], after[name]];
    if (!old) return needsRestart(path, 'the backends of the start');
    if (!next) return needsRestart(path, 'this backend, as at the start');
    return fixedPaths(old, next).map((option) =>
      needsRestart(`${path}.${option}`, 'as it was at the start'),
    );
  });
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
