import { RouterLimit } from '../../config/schema/router-limit.schema.js';

/** A limit that stands inside another: what it leaves out is that of the other. */
export type InnerLimit = Partial<Omit<RouterLimit, 'everyMs'>> & {
  readonly every?: number;
  readonly everyMs?: number;
};

/** Completes a tier or a resolved limit with what stands beside it. */
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
