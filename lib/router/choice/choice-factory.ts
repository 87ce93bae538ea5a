import { didYouMean } from '../../config/format/text.js';
import { ThrottleConfigError } from '../../config/fault.js';
import { Findings } from '../../config/findings.js';
import { Policy } from '../../config/schema/router-limit.schema.js';
import { ClientKeys } from '../client-key/client-key.js';
import { RouteLimit } from '../declare/declared-route.js';
import { accessChoice } from './access-choice.js';
import { LimitChoice } from './limit-choice.js';
import { LimitName, LimitNames, namesUnder } from './limit-names.js';
import { limitParts } from './limit-parts.js';
import { resolveChoice, ResolvedChoices } from './resolve-choice.js';
import { tierChoice } from './tier-choice.js';

/** What choices are built with. */
export interface ChoiceSources {
  readonly keys: ClientKeys;
  readonly findings: Findings;
  readonly policies: ReadonlyMap<string, Policy>;
}

/** A limit's choice, and the names under which it is reported. */
export interface NamedChoice {
  readonly choice: LimitChoice;
  readonly policies: readonly string[];
}

/** Builds the choice of one limit of a handler; computes in advance whatever it can. */
export function limitChoice(
  written: RouteLimit,
  names: LimitNames,
  sources: ChoiceSources,
): NamedChoice {
  const made = chosenBy(written, names, sources);
  const { allow, deny } = written.limit;
  if (allow === undefined && deny === undefined) return made;
  const { policies } = made;
  const lists = { allow, deny };
  const choice = accessChoice(made.choice, lists, policies, sources.keys);
  return { choice, policies };
}

function chosenBy(
  written: RouteLimit,
  names: LimitNames,
  sources: ChoiceSources,
): NamedChoice {
  const { limit } = written;
  const { tiers, resolve } = limit;
  if (tiers) {
    const name = names.whole(written, 'tier');
    const choice = tierChoice(limit, tiers, name, sources.keys);
    return { choice, policies: [name.label] };
  }
  if (resolve) {
    const name = names.whole(written, 'resolved');
    const policyChoice = (policy: string, at: LimitName) =>
      resolvedPolicy(policy, at, sources);
    const choices = new ResolvedChoices(limit, name, {
      ...sources,
      policyChoice,
    });
    return { choice: resolveChoice(resolve, choices), policies: [name.label] };
  }
  const parts = limitParts(limit, names.buckets(written), sources.keys);
  const policies = [...new Set(parts.map(({ policy }) => policy))];
  return { choice: parts, policies };
}

/** A policy that a resolver named: its own buckets on this route, unless it is shared. */
function resolvedPolicy(
  name: string,
  at: LimitName,
  sources: ChoiceSources,
): LimitChoice {
  const limit = sources.policies.get(name);
  if (!limit || limit.resolve || limit.mode || limit.phase) {
    throw noSuchPolicy(name, at, sources);
  }
  const written = { limit, name, shared: limit.shared };
  return limitChoice(written, namesUnder(at), sources).choice;
}

function noSuchPolicy(
  name: string,
  { label }: LimitName,
  { policies }: ChoiceSources,
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
