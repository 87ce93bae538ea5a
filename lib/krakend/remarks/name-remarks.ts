import { didYouMean } from '../../config/did-you-mean.js';
import { Section } from '../enforced/go-value.js';
import { Place } from '../place.js';

/** The levels of a file at which sections stand. */
export type Scope = 'service' | 'endpoint' | 'backend';

interface KnownName {
  readonly scopes: readonly Scope[];
  /** The version of the files in which it works. */
  readonly versions: readonly (2 | 3)[];
}

const OLD = 'github.com/devopsfaith/krakend-';

const NAMES = new Map<string, KnownName>([
  [`${OLD}ratelimit/juju/router`, { scopes: ['endpoint'], versions: [2] }],
  [`${OLD}ratelimit/juju/proxy`, { scopes: ['backend'], versions: [2] }],
  [`${OLD}circuitbreaker/gobreaker`, { scopes: ['backend'], versions: [2, 3] }],
  ['qos/ratelimit/router', { scopes: ['endpoint'], versions: [3] }],
  ['qos/ratelimit/router/redis', { scopes: ['endpoint'], versions: [3] }],
  ['qos/ratelimit/proxy', { scopes: ['backend'], versions: [3] }],
  ['qos/circuit-breaker', { scopes: ['backend'], versions: [3] }],
  ['qos/circuit-breaker/http', { scopes: ['backend'], versions: [3] }],
  ['qos/ratelimit/service', { scopes: ['service'], versions: [3] }],
  ['qos/ratelimit/service/redis', { scopes: ['service'], versions: [3] }],
  ['qos/ratelimit/tiered', { scopes: ['service', 'endpoint'], versions: [3] }],
  ['qos/http-cache', { scopes: ['backend'], versions: [3] }],
]);

/** What is meant as a limit or a breaker, whatever it is called. */
const MEANT = /^qos\/|rate-?limit|circuit-?breaker/i;

/** Remarks on sections under a name or at a level where KrakenD does not look for them. */
export function remarkOnNames(
  extra: Section,
  scope: Scope,
  version: 2 | 3,
  place: Place,
): void {
  for (const name of Object.keys(extra)) {
    if (!MEANT.test(name)) continue;
    const known = NAMES.get(name);
    const written = `a section ${JSON.stringify(name)} in the ${scope}`;
    if (!known?.versions.includes(version)) {
      place.at(name).remark('name-dead', {
        written,
        enforced: `Nothing: KrakenD ${version - 1} knows no section of that name, and says so nowhere.`,
        fix: renamed(name, scope, version),
      });
    } else if (!known.scopes.includes(scope)) {
      place.at(name).remark('scope-wrong', {
        written,
        enforced: `Nothing: KrakenD looks for it in the ${known.scopes.join(' or ')} only, and ignores it elsewhere without a word.`,
        fix: wayOut(scope, known.scopes[0]),
      });
    }
  }
}

function renamed(name: string, scope: Scope, version: 2 | 3): string {
  if (scope === 'service' && /router|proxy|breaker/.test(name)) {
    return 'Remove it, and write a section in extra_config of each endpoint or backend; for one limit over all, write service in the configuration of this library.';
  }
  const usable = [...NAMES].filter(
    ([, { versions, scopes }]) =>
      versions.includes(version) && scopes.includes(scope),
  );
  const kind = /breaker/i.test(name) ? /breaker/i : /rate-?limit/i;
  const meant = usable.find(([candidate]) => kind.test(candidate))?.[0];
  if (meant && !name.startsWith('qos/'))
    return `Call the section ${JSON.stringify(meant)}${version === 3 ? ', with its fields in snake_case' : ''}.`;
  const hint = didYouMean(
    name,
    usable.map(([candidate]) => candidate),
    '',
  );
  return `Use a name that KrakenD knows here: ${hint || 'there is none'}`;
}

function wayOut(scope: Scope, right: Scope): string {
  return scope === 'service' && right === 'endpoint'
    ? `Move it to extra_config of each endpoint; for one limit over all of them, write "service" in the configuration of this library.`
    : `Move it to extra_config of the ${right}.`;
}
