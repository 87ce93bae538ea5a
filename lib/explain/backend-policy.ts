import { BackendLimit } from '../config/schema/backend-limit.schema.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { DeclaredEntry } from '../proxy/entries/entry.js';

/** A limit on calls to a backend. */
export interface CallLimitPolicy {
  readonly maxRate: number;
  readonly everyMs: number;
  readonly capacity: number;
  /** If calls above it wait: for how long, in milliseconds, and how many at most. Otherwise absent. */
  readonly waits?: { readonly maxWaitMs: number; readonly maxQueue: number };
}

/** The protections of a backend; those it lacks are absent. */
export interface BackendPolicy {
  readonly name: string;
  /** Origins, without credentials and paths. */
  readonly hosts: readonly string[];
  readonly timeoutMs: number;
  readonly connectTimeoutMs?: number;
  readonly responseHeaderTimeoutMs?: number;
  readonly limit?: CallLimitPolicy & { readonly shared: boolean };
  /** Limits of `@ProxyRateLimit`, with the code that declares them. */
  readonly entries: readonly (CallLimitPolicy & { readonly from: string })[];
  readonly maxConcurrent?: number;
  readonly circuitBreaker?: {
    /** Consecutive errors that open it, and the interval after which their count restarts; 0 for never. */
    readonly maxErrors?: number;
    readonly intervalMs: number;
    /** Shares of the calls in the sliding window that open it. */
    readonly failureRate?: number;
    readonly slowCallRate?: number;
    readonly openMs: number;
  };
  readonly retries?: number;
  readonly hedges?: number;
  readonly hasFallback: boolean;
}

/** Describes a backend with the entries that lead to it. */
export function backendPolicy(
  name: string,
  config: BackendConfig,
  entries: readonly DeclaredEntry[],
): BackendPolicy {
  const { rateLimit, concurrency, circuitBreaker, retry, hedge } = config;
  return present({
    name,
    hosts: config.hosts.map((host) => new URL(host).origin),
    timeoutMs: config.timeout,
    connectTimeoutMs: config.connectTimeout,
    responseHeaderTimeoutMs: config.responseHeaderTimeout,
    limit: rateLimit && { ...callLimit(rateLimit), shared: rateLimit.shared },
    entries: entries
      .filter(({ entry }) => entry.backend === name)
      .map(({ label, limit }) => ({
        from: label.replace(/#\d+$/, ''),
        ...callLimit(limit),
      })),
    maxConcurrent: concurrency?.maxConcurrent,
    circuitBreaker:
      circuitBreaker &&
      present({
        maxErrors: circuitBreaker.maxErrors,
        intervalMs: circuitBreaker.interval,
        failureRate: circuitBreaker.failureRate,
        slowCallRate: circuitBreaker.slowCallRate,
        openMs: circuitBreaker.timeout,
      }),
    retries: retry?.limit,
    hedges: hedge?.max,
    hasFallback: config.fallback !== undefined,
  });
}

function callLimit(limit: BackendLimit): CallLimitPolicy {
  const { maxRate, everyMs, capacity = 1, patience: waits } = limit;
  return present({ maxRate, everyMs, capacity, waits });
}

/** Drops fields without a value, so that snapshots show only what exists. */
function present<Fields extends object>(fields: Fields): Fields {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined),
  ) as Fields;
}
