import { clientFindings } from './client-findings.js';
import { Finding } from './findings.js';
import { BackendLimit } from './schema/backend-limit.schema.js';
import { RouterLimit } from './schema/router-limit.schema.js';
import { ThrottleConfig } from './schema/throttle-options.schema.js';

/** Findings about the router limit at `path`. */
export function routerLimitFindings(
  limit: RouterLimit,
  path: string,
): Finding[] {
  const { tiers = [] } = limit;
  return [
    ...rateFindings(limit, path),
    ...clientFindings(limit, path),
    ...tiers.flatMap((tier, i) => {
      const at = `${path}.tiers[${i}]`;
      return [
        ...rateFindings({ cost: limit.cost, ...tier }, at),
        ...clientFindings(tier, at),
      ];
    }),
    ...lastTierFindings(tiers, path),
  ];
}

function lastTierFindings(
  tiers: NonNullable<RouterLimit['tiers']>,
  path: string,
): Finding[] {
  const last = tiers.at(-1);
  if (!last || last.otherwise) return [];
  return [
    {
      code: 'tiers-without-otherwise',
      path: `${path}.tiers`,
      sentence:
        'Requests that match no tier, and requests without a key, are not limited.',
      fix: 'End the list with a tier that has `otherwise: true`; add `unlimited: true` if these requests should pass freely.',
    },
  ];
}

type Rates = Pick<
  RouterLimit,
  'maxRate' | 'capacity' | 'clientMaxRate' | 'clientCapacity' | 'cost'
>;

function rateFindings(limit: Rates, path: string): Finding[] {
  const { maxRate, capacity, clientMaxRate, clientCapacity, cost } = limit;
  return [
    ...capacityFindings(maxRate, capacity, 'maxRate', 'capacity', path),
    ...capacityFindings(
      clientMaxRate,
      clientCapacity,
      'clientMaxRate',
      'clientCapacity',
      path,
    ),
    ...costFindings(maxRate, capacity, cost, 'capacity', path),
    ...costFindings(
      clientMaxRate,
      clientCapacity,
      cost,
      'clientCapacity',
      path,
    ),
  ];
}

/** Findings about the backend limit at `path`. */
export function backendLimitFindings(
  limit: BackendLimit,
  path: string,
): Finding[] {
  return capacityFindings(
    limit.maxRate,
    limit.capacity,
    'maxRate',
    'capacity',
    path,
  );
}

function capacityFindings(
  rate: number | undefined,
  capacity: number | undefined,
  rateName: string,
  capacityName: string,
  path: string,
): Finding[] {
  if (rate === undefined || capacity !== undefined || rate <= 1) return [];
  return [
    {
      code: 'capacity-default',
      path: `${path}.${capacityName}`,
      sentence: `${capacityName} is not set, so it defaults to 1: when calls arrive together only one passes, even though ${rateName} is ${rate}.`,
      fix: `Set ${capacityName}: ${Math.ceil(rate)} to allow a burst of that size, or ${capacityName}: 1 if that is what you want.`,
    },
  ];
}

function costFindings(
  rate: number | undefined,
  capacity = 1,
  cost: RouterLimit['cost'],
  capacityName: string,
  path: string,
): Finding[] {
  if (rate === undefined || typeof cost !== 'number' || cost <= capacity)
    return [];
  return [
    {
      code: 'cost-above-capacity',
      path: `${path}.cost`,
      sentence: `A request costs ${cost}, but ${capacityName} is ${capacity}, so no request can ever pass.`,
      fix: `Lower cost to at most ${capacity}, or raise ${capacityName} to ${Math.ceil(cost)}.`,
    },
  ];
}

type Limited = Pick<
  ThrottleConfig,
  'service' | 'policies' | 'routes' | 'backends'
>;

/** Findings about the limits of a configuration. */
export function optionFindings({
  service,
  policies,
  routes,
  backends,
}: Limited): Finding[] {
  return [
    ...(service ? routerLimitFindings(service, 'service') : []),
    ...Object.entries(policies).flatMap(([name, policy]) =>
      routerLimitFindings(policy, `policies.${name}`),
    ),
    ...Object.entries(routes).flatMap(([key, { limits }]) =>
      limits.flatMap((limit) =>
        typeof limit === 'string'
          ? []
          : routerLimitFindings(limit, `routes["${key}"].limits`),
      ),
    ),
    ...Object.entries(backends).flatMap(([name, { rateLimit }]) =>
      rateLimit
        ? backendLimitFindings(rateLimit, `backends.${name}.rateLimit`)
        : [],
    ),
  ];
}
