import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import {
  throttleOptions,
  ThrottleConfig,
  ThrottleOptions,
} from '../../config/schema/throttle-options.schema.js';
import {
  backendLimitText,
  clientLimitText,
  endpointLimitText,
} from '../../config/words/limit-words.js';
import { msText } from '../../config/words/ms-text.js';

/** One endpoint, in words. */
export interface EndpointSummary {
  readonly endpoint: string;
  /** For all callers together. */
  readonly limit: string;
  readonly eachClient: string;
  readonly timeout: string;
}

/** One backend, in words. */
export interface BackendSummary {
  readonly backend: string;
  readonly hosts: readonly string[];
  readonly limit: string;
  readonly breaker: string;
  readonly timeout: string;
}

/** What a configuration enforces, in words. */
export interface Summary {
  readonly endpoints: readonly EndpointSummary[];
  readonly backends: readonly BackendSummary[];
}

const NONE = '-';

/** Puts a configuration into words; it must be valid. */
export function summary(options: ThrottleOptions): Summary {
  const config = throttleOptions.parse(options);
  const { service, policies, routes, backends } = config;
  return {
    endpoints: [
      ...(service ? [endpointSummary('(service)', [service])] : []),
      ...Object.entries(policies).map(([name, policy]: [string, RouterLimit]) =>
        endpointSummary(`(policy ${name})`, [policy], policy.timeoutMs),
      ),
      ...Object.entries(routes).map(([key, { limits, timeout }]) =>
        endpointSummary(
          key,
          limits.flatMap((limit) =>
            typeof limit === 'string' ? (policies[limit] ?? []) : limit,
          ),
          timeout ?? config.timeout,
        ),
      ),
    ],
    backends: Object.entries(backends).map(([name, backend]) =>
      backendSummary(name, backend),
    ),
  };
}

function endpointSummary(
  endpoint: string,
  limits: readonly RouterLimit[],
  timeoutMs?: number,
): EndpointSummary {
  return {
    endpoint,
    limit: listed(limits.flatMap((limit) => endpointLimitText(limit) ?? [])),
    eachClient: listed(limits.flatMap((limit) => clientLimitText(limit) ?? [])),
    timeout: timeoutMs === undefined ? NONE : msText(timeoutMs),
  };
}

function backendSummary(
  name: string,
  {
    hosts,
    rateLimit,
    circuitBreaker,
    timeout,
  }: ThrottleConfig['backends'][string],
): BackendSummary {
  return {
    backend: name,
    hosts,
    limit: rateLimit ? backendLimitText(rateLimit) : NONE,
    breaker: circuitBreaker ? breakerText(circuitBreaker) : NONE,
    timeout: msText(timeout),
  };
}

type Breaker = NonNullable<
  ThrottleConfig['backends'][string]['circuitBreaker']
>;

function breakerText(breaker: Breaker): string {
  const { interval, timeout, maxErrors } = breaker as Breaker & {
    maxErrors?: number;
  };
  const opens =
    maxErrors === undefined
      ? 'opens by its own rules'
      : `opens on failure ${maxErrors}`;
  const within = interval ? ` within ${msText(interval)}` : '';
  return `${opens}${within}, for ${msText(timeout)}`;
}

function listed(texts: readonly string[]): string {
  return texts.length === 0 ? NONE : texts.join('; ');
}
