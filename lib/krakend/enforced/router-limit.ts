import {
  defaultCapacity,
  EnforcedBucket,
  perSecond,
} from './enforced-bucket.js';
import { everyOfRouter, SECOND_NS } from './every.js';
import { countAt, numberAt, Section, textAt } from './go-value.js';

/** How KrakenD tells clients apart. */
export type KrakendStrategy = 'ip' | 'header' | 'param';

/** A bucket for each client. */
export interface EnforcedClientBucket extends EnforcedBucket {
  readonly strategy: KrakendStrategy;
  readonly key: string;
}

/** What KrakenD enforces of a limit on an endpoint. */
export interface EnforcedRouterLimit {
  readonly endpoint?: EnforcedBucket;
  readonly client?: EnforcedClientBucket;
}

/** What KrakenD 2 makes of `qos/ratelimit/router`. */
export function routerLimit(section: Section): EnforcedRouterLimit {
  const everyNs = everyOfRouter(section).ns;
  const maxRate = numberAt(section, 'max_rate');
  const clientMaxRate = numberAt(section, 'client_max_rate');
  const rate = perSecond(maxRate, everyNs);
  const endpoint = rate > 0 && {
    maxRate,
    everyNs,
    capacity: countAt(section, 'capacity') || defaultCapacity(rate),
    startsEmpty: false,
  };
  const strategy = strategyOf(section);
  const client = clientMaxRate > 0 &&
    strategy && {
      maxRate: clientMaxRate,
      everyNs,
      ...clientStock(section, rate, perSecond(clientMaxRate, everyNs)),
      strategy,
      key: textAt(section, 'key'),
    };
  return { endpoint: endpoint || undefined, client: client || undefined };
}

/** The default of a client's capacity asks about the rate of the endpoint (krakend-ratelimit#31). */
function clientStock(section: Section, rate: number, clientRate: number) {
  const written = countAt(section, 'client_capacity');
  if (written > 0) return { capacity: written, startsEmpty: false };
  if (rate < 1) return { capacity: 1, startsEmpty: false };
  const capacity = Math.trunc(clientRate);
  return { capacity: Math.max(1, capacity), startsEmpty: capacity === 0 };
}

const STRATEGIES = new Set<string>(['ip', 'header', 'param']);

/** The strategy in any case of letters, but with no blank around it. */
export function strategyOf(section: Section): KrakendStrategy | undefined {
  const strategy = textAt(section, 'strategy').toLowerCase();
  return STRATEGIES.has(strategy) ? (strategy as KrakendStrategy) : undefined;
}

/** What KrakenD 1 makes of `juju/router`: whole rates, each its own capacity. */
export function routerLimitOf1(section: Section): EnforcedRouterLimit {
  const bucket = (maxRate: number) => ({
    maxRate,
    everyNs: SECOND_NS,
    capacity: maxRate,
    startsEmpty: false,
  });
  const rate = countAt(section, 'maxRate');
  const clientRate = countAt(section, 'clientMaxRate');
  const strategy = strategyOf(section);
  const client = clientRate > 0 &&
    strategy !== undefined &&
    strategy !== 'param' && {
      ...bucket(clientRate),
      strategy,
      key: textAt(section, 'key'),
    };
  return {
    endpoint: rate > 0 ? bucket(rate) : undefined,
    client: client || undefined,
  };
}
