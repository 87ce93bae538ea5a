import { RouterLimit } from '../config/schema/router-limit.schema.js';
import {
  throttleOptions,
  ThrottleConfig,
  ThrottleOptions,
} from '../config/schema/throttle-options.schema.js';
import {
  backendLimitText,
  clientLimitText,
  clientText,
  endpointLimitText,
  msText,
} from '../config/format/limits.js';
import { BackendJson, BucketJson, EndpointJson } from './json-output.js';

/** What a configuration enforces, in words and in numbers. */
export interface Summary {
  readonly endpoints: EndpointJson[];
  readonly backends: BackendJson[];
}

const NONE = '-';

/** Sums a configuration up; it must be valid. */
export function summary(options: ThrottleOptions): Summary {
  const config = throttleOptions.parse(options);
  const { service, policies, routes, backends } = config;
  return {
    endpoints: [
      ...(service ? [endpointSummary('(service)', [{ limit: service }])] : []),
      ...Object.entries(policies).map(([name, policy]: [string, RouterLimit]) =>
        endpointSummary(
          `(policy ${name})`,
          [{ limit: policy }],
          policy.timeoutMs,
        ),
      ),
      ...Object.entries(routes).map(([key, { limits, timeout }]) =>
        endpointSummary(
          key,
          limits.flatMap((written) => namedLimit(written, config)),
          timeout ?? config.timeout,
        ),
      ),
    ],
    backends: Object.entries(backends).map(([name, backend]) =>
      backendSummary(name, backend),
    ),
  };
}

interface NamedLimit {
  readonly limit: RouterLimit;
  readonly policy?: string;
}

function namedLimit(
  written: RouterLimit | string,
  { policies }: ThrottleConfig,
): NamedLimit[] {
  if (typeof written !== 'string') return [{ limit: written }];
  const limit = policies[written];
  return limit ? [{ limit, policy: written }] : [];
}

function endpointSummary(
  endpoint: string,
  named: readonly NamedLimit[],
  timeoutMs?: number,
): EndpointJson {
  const limits = named.map(({ limit }) => limit);
  return {
    endpoint,
    limit: listed(limits.flatMap((limit) => endpointLimitText(limit) ?? [])),
    eachClient: listed(limits.flatMap((limit) => clientLimitText(limit) ?? [])),
    timeout: timeoutMs === undefined ? NONE : msText(timeoutMs),
    buckets: named.flatMap(bucketsOf),
    timeoutMs: finite(timeoutMs),
  };
}

function bucketsOf({ limit, policy }: NamedLimit): BucketJson[] {
  const { tiers } = limit;
  if (!tiers) return pair(limit, limit).map((each) => ({ ...each, policy }));
  return tiers.flatMap((tier, i) => {
    const name = tier.name ?? (tier.otherwise ? 'otherwise' : String(i + 1));
    return pair({ ...tier, everyMs: tier.every ?? limit.everyMs }, limit).map(
      (each) => ({ ...each, tier: name, policy }),
    );
  });
}

type Rates = Pick<
  RouterLimit,
  | 'maxRate'
  | 'capacity'
  | 'clientMaxRate'
  | 'clientCapacity'
  | 'everyMs'
  | 'strategy'
  | 'key'
>;

/** The bucket of all callers and those of each client, as far as a limit has them. */
function pair(rates: Rates, outer: RouterLimit): BucketJson[] {
  const { maxRate, capacity, clientMaxRate, clientCapacity, everyMs } = rates;
  const who = rates.strategy === undefined ? outer : { ...outer, ...rates };
  return [
    ...(maxRate === undefined
      ? []
      : [
          {
            scope: 'all callers' as const,
            ...rate(maxRate, everyMs, capacity),
          },
        ]),
    ...(clientMaxRate === undefined
      ? []
      : [
          {
            scope: 'each client' as const,
            ...rate(clientMaxRate, everyMs, clientCapacity),
            client: clientText(who),
          },
        ]),
  ];
}

function rate(maxRate: number, everyMs: number, capacity = 1) {
  return { maxRate, everyMs, perSecond: (maxRate * 1000) / everyMs, capacity };
}

function backendSummary(
  name: string,
  {
    hosts,
    rateLimit,
    circuitBreaker,
    timeout,
  }: ThrottleConfig['backends'][string],
): BackendJson {
  return {
    backend: name,
    hosts,
    limit: rateLimit ? backendLimitText(rateLimit) : NONE,
    breaker: circuitBreaker ? breakerText(circuitBreaker) : NONE,
    timeout: msText(timeout),
    rateLimit:
      rateLimit &&
      rate(rateLimit.maxRate, rateLimit.everyMs, rateLimit.capacity),
    circuitBreaker: circuitBreaker && {
      maxErrors: maxErrorsOf(circuitBreaker),
      intervalMs: finite(circuitBreaker.interval),
      timeoutMs: circuitBreaker.timeout,
    },
    timeoutMs: timeout,
  };
}

type Breaker = NonNullable<
  ThrottleConfig['backends'][string]['circuitBreaker']
>;

/** A breaker that opens by rates has none. */
function maxErrorsOf(breaker: Breaker): number | undefined {
  return 'maxErrors' in breaker ? breaker.maxErrors : undefined;
}

function breakerText(breaker: Breaker): string {
  const { interval, timeout } = breaker;
  const maxErrors = maxErrorsOf(breaker);
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

/** JSON has no infinity. */
function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
