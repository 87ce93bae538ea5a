import { BackendLimit } from '../config/schema/backend-limit.schema.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { DeclaredEntry } from '../proxy/entries/entry.js';

/** A cap on calls to a backend. */
export interface CallLimitPolicy {
  readonly maxRate: number;
  readonly everyMs: number;
  readonly capacity: number;
  /** Whether calls above it wait; how long and how many at most. */
  readonly waits?: { readonly maxWaitMs: number; readonly maxQueue: number };
}

/** What a backend is protected by; the parts that it lacks are left out. */
export interface BackendPolicy {
  readonly name: string;
  /** Origins: no credentials, no paths. */
  readonly hosts: readonly string[];
  readonly timeoutMs: number;
  readonly connectTimeoutMs?: number;
  readonly responseHeaderTimeoutMs?: number;
  readonly limit?: CallLimitPolicy & { readonly shared: boolean };
  /** Caps of `@ProxyRateLimit`, by the code that has them. */
  readonly entries: readonly (CallLimitPolicy & { readonly from: string })[];
  readonly maxConcurrent?: number;
  readonly circuitBreaker?: {
    /** Errors in a row that open it, and how long they count; 0 for ever. */
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

/** Without the fields that have no value, so that snapshots show what is there. */
function present<Fields extends object>(fields: Fields): Fields {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined),
  ) as Fields;
}
