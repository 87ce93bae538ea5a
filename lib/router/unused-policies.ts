import { Finding } from '../config/findings.js';
import { Policy } from '../config/schema/router-limit.schema.js';
import { RouteLimit } from './route-limit.js';

/** Policies that no limit names; a function that resolves limits may name any of them. */
export function unusedPolicies(
  policies: ReadonlyMap<string, Policy>,
  limits: readonly RouteLimit[],
): Finding[] {
  const used = new Set<unknown>(limits.map(({ limit }) => limit));
  if (limits.some(({ limit }) => limit.resolve)) return [];
  return [...policies]
    .filter(([, policy]) => !used.has(policy))
    .map(([name]) => ({
      code: 'unused-policy',
      path: `policies.${name}`,
      sentence: 'No decorator and no route names it, so it limits nothing.',
      fix: `Write @RouterRateLimit('${name}') where it should hold, or leave it out.`,
    }));
}
