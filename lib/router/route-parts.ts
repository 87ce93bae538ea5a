import { RouterLimit } from '../config/schema/router-limit.schema.js';
import { bucketLimit } from '../core/bucket-limit.js';
import { clientKeyReader } from './client-key/client-key-reader.js';
import { ProxyTrust } from './client-key/proxy-trust.js';
import { RoutePart } from './route-part.js';

/** A limit of one route: from a decorator, or a policy by its name. */
export interface RouteLimit {
  readonly limit: RouterLimit;
  /** The name of the policy; an inline limit may carry one of its own. */
  readonly name?: string;
  readonly shared?: boolean;
}

/** Turns the limits of one route into the parts of its plan. */
export function routeParts(
  route: string,
  limits: readonly RouteLimit[],
  trust: ProxyTrust,
): RoutePart[] {
  const parts = new Map<string, RoutePart>();
  const unused = nameGiver();
  for (const { limit, name, shared } of limits) {
    const label = name && !shared ? unused(name) : name;
    for (const { scope, ...half } of halves(limit, trust)) {
      const policy = label ?? unused(scope);
      const id = shared
        ? `policy:${name}:${scope}`
        : `router:${route}:${label ? `${label}:${scope}` : policy}`;
      if (!parts.has(id)) parts.set(id, { ...half, id, policy });
    }
  }
  return [...parts.values()];
}

type Half = Omit<RoutePart, 'id' | 'policy'> & { scope: 'endpoint' | 'client' };

function* halves(limit: RouterLimit, trust: ProxyTrust): Generator<Half> {
  const { everyMs, cost, onMissingKey = 'reject' } = limit;
  if (limit.maxRate !== undefined) {
    const { maxRate, capacity = 1 } = limit;
    yield {
      scope: 'endpoint',
      limit: bucketLimit({ maxRate, everyMs, capacity }),
      cost,
      onMissingKey,
    };
  }
  if (limit.clientMaxRate !== undefined) {
    const { clientMaxRate: maxRate, clientCapacity: capacity = 1 } = limit;
    yield {
      scope: 'client',
      limit: bucketLimit({ maxRate, everyMs, capacity }),
      cost,
      onMissingKey,
      client: clientKeyReader(limit, trust),
    };
  }
}

/** Gives each name once; a second limit of the same name gets a number. */
function nameGiver(): (name: string) => string {
  const given = new Set<string>();
  return (name) => {
    let unused = name;
    for (let n = 2; given.has(unused); n++) unused = `${name}-${n}`;
    given.add(unused);
    return unused;
  };
}
