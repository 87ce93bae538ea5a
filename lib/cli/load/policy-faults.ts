import { didYouMean } from '../../config/did-you-mean.js';
import { Fault } from '../../config/fault.js';
import { ThrottleConfig } from '../../config/schema/throttle-options.schema.js';

/** Routes may name policies that are not there, which no schema sees. */
export function policyFaults({ routes, policies }: ThrottleConfig): Fault[] {
  const names = Object.keys(policies);
  return Object.entries(routes).flatMap(([key, { limits }]) =>
    limits
      .filter((limit) => typeof limit === 'string')
      .filter((name) => !Object.hasOwn(policies, name))
      .map((name) => ({
        path: `routes["${key}"].limits`,
        found: `the policy ${JSON.stringify(name)}`,
        allowed: `a policy of the configuration${didYouMean(name, names)}`,
      })),
  );
}
