import { Finding } from './findings.js';
import { backendLimitFindings, routerLimitFindings } from './limit-findings.js';
import { ThrottleConfig } from './schema/throttle-options.schema.js';

type Limited = Pick<
  ThrottleConfig,
  'service' | 'policies' | 'routes' | 'backends'
>;

/** What is doubtful about the limits of a configuration. */
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
