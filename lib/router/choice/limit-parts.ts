import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { bucketLimit } from '../../core/bucket/bucket-limit.js';
import { ClientKeys } from '../client-key/client-key.js';
import { RoutePart } from '../routes/route-part.js';
import { BucketNames } from './limit-names.js';

/** The buckets of a limit with its own rates: one for all callers, one per client, or both. */
export function limitParts(
  limit: RouterLimit,
  namesOf: BucketNames,
  keys: ClientKeys,
): RoutePart[] {
  const { everyMs, cost, settle, onMissingKey = 'reject' } = limit;
  const terms = { cost, settle, onMissingKey };
  const parts: RoutePart[] = [];
  if (limit.maxRate !== undefined) {
    const { maxRate, capacity = 1 } = limit;
    parts.push({
      ...namesOf('endpoint'),
      ...terms,
      limit: bucketLimit({ maxRate, everyMs, capacity }),
    });
  }
  if (limit.clientMaxRate !== undefined) {
    const { clientMaxRate: maxRate, clientCapacity: capacity = 1 } = limit;
    const names = namesOf('client');
    parts.push({
      ...names,
      ...terms,
      limit: bucketLimit({ maxRate, everyMs, capacity }),
      client: keys.reader(limit, names.policy),
      hidesKeys: mayBeSecret(limit),
    });
  }
  return parts;
}

/** Addresses and path segments are in every access log; headers and results of functions may be credentials. */
function mayBeSecret({ strategy = 'ip' }: RouterLimit): boolean {
  return strategy !== 'ip' && strategy !== 'param';
}

/** A limit inside another one, which provides whatever it leaves out. */
export type InnerLimit = Partial<Omit<RouterLimit, 'everyMs'>> & {
  readonly every?: number;
  readonly everyMs?: number;
};

/** Completes a tier or a resolved limit from the limit around it. */
export function inheritedLimit(
  outer: RouterLimit,
  inner: InnerLimit,
): RouterLimit {
  const who = inner.strategy === undefined ? outer : inner;
  return {
    maxRate: inner.maxRate,
    capacity: inner.capacity,
    clientMaxRate: inner.clientMaxRate,
    clientCapacity: inner.clientCapacity,
    everyMs: inner.everyMs ?? inner.every ?? outer.everyMs,
    strategy: who.strategy,
    key: who.key,
    ipv6Prefix: inner.ipv6Prefix ?? outer.ipv6Prefix,
    onMissingKey: inner.onMissingKey ?? outer.onMissingKey,
    cost: inner.cost ?? outer.cost,
    settle: inner.settle ?? outer.settle,
  };
}
