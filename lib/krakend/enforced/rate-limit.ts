import {
  DurationSyntaxError,
  parseDurationNs,
} from '../../core/time/duration.js';
import {
  countAt,
  fieldOf,
  numberAt,
  printed,
  Section,
  textAt,
} from './go-value.js';

/** A bucket as KrakenD fills and bounds it. */
export interface EnforcedBucket {
  /** Tokens per window, as written. */
  readonly maxRate: number;
  /** The window, in nanoseconds. */
  readonly everyNs: number;
  readonly capacity: number;
  /** Whether the first stock is missing, so that the first request is refused. */
  readonly startsEmpty: boolean;
}

/** In doubles and in this order, as KrakenD works it out. */
export function perSecond(maxRate: number, everyNs: number): number {
  return maxRate * (1e9 / everyNs);
}

/** What a capacity of 0, or none, becomes: the rate per second cut to a whole number. */
export function defaultCapacity(ratePerSecond: number): number {
  return ratePerSecond < 1 ? 1 : Math.trunc(ratePerSecond);
}

/** Above a token per nanosecond KrakenD divides by zero once the first stock is used. */
export const HIGHEST_RATE_PER_SECOND = 1e9;

/** Whether KrakenD breaks down when such a bucket is empty. */
export function breaksDown({ maxRate, everyNs }: EnforcedBucket): boolean {
  return perSecond(maxRate, everyNs) > HIGHEST_RATE_PER_SECOND;
}

export const SECOND_NS = 1_000_000_000;

/** How KrakenD took an `every`: as it stands, as a second because it is no duration, or as a second because it is shorter. */
export type EveryFault = 'unreadable' | 'too-short';

/** The window of a limit. */
export interface EnforcedEvery {
  /** For a backend limit it may be 0 or less. */
  readonly ns: number;
  readonly fault?: EveryFault;
}

/** The window of a backend limit: no bound below. */
export function everyOfProxy(section: Section): EnforcedEvery {
  const written = fieldOf(section, 'every');
  if (written === undefined) return { ns: SECOND_NS };
  const ns = durationNs(printed(written));
  return ns === undefined
    ? { ns: SECOND_NS, fault: 'unreadable' }
    : { ns: Number(ns) };
}

/** The window of an endpoint limit: at least a second. */
export function everyOfRouter(section: Section): EnforcedEvery {
  const { ns, fault } = everyOfProxy(section);
  return ns < SECOND_NS ? { ns: SECOND_NS, fault: 'too-short' } : { ns, fault };
}

/** Nothing for a text that is no duration. */
export function durationNs(text: string): bigint | undefined {
  try {
    return parseDurationNs(text);
  } catch (error) {
    if (error instanceof DurationSyntaxError) return undefined;
    throw error;
  }
}

/** What KrakenD 2 makes of `qos/ratelimit/proxy`; nothing when it sets no limit. */
export function proxyLimit(section: Section): EnforcedBucket | undefined {
  const maxRate = numberAt(section, 'max_rate');
  const everyNs = everyOfProxy(section).ns;
  const rate = perSecond(maxRate, everyNs);
  if (!(rate > 0)) return undefined;
  const capacity = countAt(section, 'capacity') || defaultCapacity(rate);
  return { maxRate, everyNs, capacity, startsEmpty: false };
}

/** What KrakenD 1 makes of `juju/proxy`. Without a capacity it does not start; the strictest stands in. */
export function proxyLimitOf1(section: Section): EnforcedBucket | undefined {
  const maxRate = numberAt(section, 'maxRate');
  if (!(maxRate > 0)) return undefined;
  const capacity = countAt(section, 'capacity') || 1;
  return { maxRate, everyNs: SECOND_NS, capacity, startsEmpty: false };
}

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
export function enforcedRouterLimit(section: Section): EnforcedRouterLimit {
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
