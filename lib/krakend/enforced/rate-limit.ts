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

/** A token bucket as KrakenD enforces it. */
export interface EnforcedBucket {
  /** Tokens per window, as written. */
  readonly maxRate: number;
  /** The window, in nanoseconds. */
  readonly everyNs: number;
  readonly capacity: number;
  /** Whether the bucket starts empty, so that the first request is refused. */
  readonly startsEmpty: boolean;
}

/** The rate per second, computed in doubles and in the same order as in KrakenD. */
export function perSecond(maxRate: number, everyNs: number): number {
  return maxRate * (1e9 / everyNs);
}

/** The capacity that KrakenD uses if it is 0 or missing: the rate per second, truncated, and at least 1. */
export function defaultCapacity(ratePerSecond: number): number {
  return ratePerSecond < 1 ? 1 : Math.trunc(ratePerSecond);
}

/** Above one token per nanosecond, KrakenD divides by zero once the bucket is empty. */
export const HIGHEST_RATE_PER_SECOND = 1e9;

/** Whether KrakenD crashes when such a bucket is empty. */
export function breaksDown({ maxRate, everyNs }: EnforcedBucket): boolean {
  return perSecond(maxRate, everyNs) > HIGHEST_RATE_PER_SECOND;
}

export const SECOND_NS = 1_000_000_000;

/** Why KrakenD uses one second in place of the written `every`: it is no duration, or it is too short. */
export type EveryFault = 'unreadable' | 'too-short';

/** The window of a limit. */
export interface EnforcedEvery {
  /** Can be 0 or negative for a backend limit. */
  readonly ns: number;
  readonly fault?: EveryFault;
}

/** The window of a backend limit, which has no lower bound. */
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

/** Parses a duration; `undefined` if the text is none. */
export function durationNs(text: string): bigint | undefined {
  try {
    return parseDurationNs(text);
  } catch (error) {
    if (error instanceof DurationSyntaxError) return undefined;
    throw error;
  }
}

/** The limit that KrakenD 2 enforces for `qos/ratelimit/proxy`; `undefined` if it enforces none. */
export function proxyLimit(section: Section): EnforcedBucket | undefined {
  const maxRate = numberAt(section, 'max_rate');
  const everyNs = everyOfProxy(section).ns;
  const rate = perSecond(maxRate, everyNs);
  if (!(rate > 0)) return undefined;
  const capacity = countAt(section, 'capacity') || defaultCapacity(rate);
  return { maxRate, everyNs, capacity, startsEmpty: false };
}

/** The limit that KrakenD 1 enforces for `juju/proxy`. KrakenD 1 doesn't start without a capacity; here it defaults to 1, the strictest. */
export function proxyLimitOf1(section: Section): EnforcedBucket | undefined {
  const maxRate = numberAt(section, 'maxRate');
  if (!(maxRate > 0)) return undefined;
  const capacity = countAt(section, 'capacity') || 1;
  return { maxRate, everyNs: SECOND_NS, capacity, startsEmpty: false };
}

/** How KrakenD identifies clients. */
export type KrakendStrategy = 'ip' | 'header' | 'param';

/** A bucket for each client. */
export interface EnforcedClientBucket extends EnforcedBucket {
  readonly strategy: KrakendStrategy;
  readonly key: string;
}

/** The limits that KrakenD enforces on an endpoint. */
export interface EnforcedRouterLimit {
  readonly endpoint?: EnforcedBucket;
  readonly client?: EnforcedClientBucket;
}

/** The limits that KrakenD 2 enforces for `qos/ratelimit/router`. */
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

/** The default of a client's capacity depends on the endpoint's rate (krakend-ratelimit#31). */
function clientStock(section: Section, rate: number, clientRate: number) {
  const written = countAt(section, 'client_capacity');
  if (written > 0) return { capacity: written, startsEmpty: false };
  if (rate < 1) return { capacity: 1, startsEmpty: false };
  const capacity = Math.trunc(clientRate);
  return { capacity: Math.max(1, capacity), startsEmpty: capacity === 0 };
}

const STRATEGIES = new Set<string>(['ip', 'header', 'param']);

/** Reads the strategy: case-insensitive, but not trimmed. */
export function strategyOf(section: Section): KrakendStrategy | undefined {
  const strategy = textAt(section, 'strategy').toLowerCase();
  return STRATEGIES.has(strategy) ? (strategy as KrakendStrategy) : undefined;
}

/** The limits that KrakenD 1 enforces for `juju/router`: whole rates, with the rate as capacity. */
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
