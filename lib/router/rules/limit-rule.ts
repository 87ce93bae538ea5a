import { didYouMean } from '../../config/did-you-mean.js';
import { ThrottleConfigError } from '../../config/fault.js';
import { Findings } from '../../config/findings.js';
import { Policy } from '../../config/schema/router-limit.schema.js';
import { ProxyTrust } from '../client-key/proxy-trust.js';
import { RouteLimit } from '../route-limit.js';
import { accessChoice } from './access-choice.js';
import { LimitName, LimitNames, namesUnder } from './limit-names.js';
import { limitParts } from './limit-parts.js';
import { resolveChoice } from './resolve-choice.js';
import { ResolvedRules } from './resolved-rules.js';
import { RouteRule } from './route-rule.js';
import { tierChoice } from './tier-choice.js';

/** What rules are made with. */
export interface RuleSources {
  readonly trust: ProxyTrust;
  readonly findings: Findings;
  readonly policies: ReadonlyMap<string, Policy>;
}

/** The rule of a limit, and the names under which it is reported. */
export interface LimitRule {
  readonly rule: RouteRule;
  readonly policies: readonly string[];
}

/** Makes the rule of one limit of a handler; all that can be worked out ahead is. */
export function limitRule(
  written: RouteLimit,
  names: LimitNames,
  sources: RuleSources,
): LimitRule {
  const made = chosenBy(written, names, sources);
  const { allow, deny } = written.limit;
  if (allow === undefined && deny === undefined) return made;
  const { policies } = made;
  const lists = { allow, deny };
  const rule = accessChoice(made.rule, lists, policies, sources.trust);
  return { rule, policies };
}

function chosenBy(
  written: RouteLimit,
  names: LimitNames,
  sources: RuleSources,
): LimitRule {
  const { limit } = written;
  const { tiers, resolve } = limit;
  if (tiers) {
    const name = names.whole(written, 'tier');
    const rule = tierChoice(limit, tiers, name, sources.trust);
    return { rule, policies: [name.label] };
  }
  if (resolve) {
    const name = names.whole(written, 'resolved');
    const policyRule = (policy: string, at: LimitName) =>
      resolvedPolicy(policy, at, sources);
    const rules = new ResolvedRules(limit, name, { ...sources, policyRule });
    return { rule: resolveChoice(resolve, rules), policies: [name.label] };
  }
  const rule = limitParts(limit, names.halves(written), sources.trust);
  return { rule, policies: [...new Set(rule.map(({ policy }) => policy))] };
}

/** A policy that a resolver named: its own buckets on this route, unless it is shared. */
function resolvedPolicy(
  name: string,
  at: LimitName,
  sources: RuleSources,
): RouteRule {
  const limit = sources.policies.get(name);
  if (!limit || limit.resolve || limit.mode || limit.phase) {
    throw noSuchPolicy(name, at, sources);
  }
  const written = { limit, name, shared: limit.shared };
  return limitRule(written, namesUnder(at), sources).rule;
}

function noSuchPolicy(
  name: string,
  { label }: LimitName,
  { policies }: RuleSources,
): ThrottleConfigError {
  const hint = didYouMean(name, policies.keys());
  return new ThrottleConfigError([
    {
      path: `what resolve of ${label} answered`,
      found: JSON.stringify(name.slice(0, 64)),
      allowed: `a limit, or the name of a policy without resolve, mode and phase of its own${hint}`,
    },
  ]);
}
