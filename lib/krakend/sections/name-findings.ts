import { didYouMean } from '../../config/format/text.js';
import { Section } from '../enforced/go-value.js';
import { Place } from '../krakend-finding.js';
import { KNOWN_SECTIONS } from './known-sections.js';
import { ConfigLevel } from './unimported-sections.js';

/** Matches names that are probably meant as protection. */
const MEANT =
  /^(qos|auth|security|governance|validation)\/|rate-?limit|circuit-?breaker|quota/i;

/** Reports sections with a name, or at a level, that KrakenD ignores. */
export function reportNames(
  extra: Section,
  scope: ConfigLevel,
  version: 2 | 3,
  place: Place,
): void {
  for (const name of Object.keys(extra)) {
    const known = KNOWN_SECTIONS.get(name);
    if (!known && !MEANT.test(name)) continue;
    const written = `a section ${JSON.stringify(name)} in the ${scope}`;
    if (!known?.versions.includes(version)) {
      place.at(name).report('name-dead', {
        written,
        enforced: `Nothing: KrakenD ${version - 1} knows no section of that name, and says so nowhere.`,
        fix: renamed(name, scope, version),
      });
    } else if (!known.scopes.includes(scope)) {
      place.at(name).report('scope-wrong', {
        written,
        enforced: `Nothing: KrakenD looks for it in the ${known.scopes.join(' or ')} only, and silently ignores it elsewhere.`,
        fix: wayOut(scope, known.scopes[0]),
      });
    }
  }
}

/** Reports sections placed next to `extra_config` instead of inside it. */
export function reportStraySections(section: Section, place: Place): void {
  for (const name of Object.keys(section)) {
    const isMeant = name.includes('/') && MEANT.test(name);
    if (!KNOWN_SECTIONS.has(name) && !isMeant) continue;
    place.at(name).report('scope-wrong', {
      written: `a section ${JSON.stringify(name)} beside extra_config`,
      enforced:
        'Nothing: KrakenD looks for it in extra_config only, and silently ignores it elsewhere.',
      fix: 'Move it into extra_config.',
    });
  }
}

function renamed(name: string, scope: ConfigLevel, version: 2 | 3): string {
  if (scope === 'service' && /router|proxy|breaker/.test(name)) {
    return 'Remove it, and write a section in extra_config of each endpoint or backend; for one limit over all, write service in the configuration of this library.';
  }
  const usable = [...KNOWN_SECTIONS]
    .filter(
      ([, { versions, scopes }]) =>
        versions.includes(version) && scopes.includes(scope),
    )
    .map(([candidate]) => candidate);
  const kind = kindOf(name);
  const meant = kind && usable.find((candidate) => kind.test(candidate));
  if (meant && !name.startsWith('qos/')) {
    return `Call the section ${JSON.stringify(meant)}${version === 3 ? ', with its fields in snake_case' : ''}.`;
  }
  const alike = kind ? usable.filter((candidate) => kind.test(candidate)) : [];
  const hint = didYouMean(name, alike.length > 0 ? alike : usable, '');
  return `Use a name that KrakenD knows here: ${hint || 'there is none'}`;
}

function kindOf(name: string): RegExp | undefined {
  if (/breaker/i.test(name)) return /breaker/i;
  return /rate-?limit/i.test(name) ? /rate-?limit/i : undefined;
}

function wayOut(scope: ConfigLevel, right: ConfigLevel): string {
  return scope === 'service' && right === 'endpoint'
    ? 'Move it to extra_config of each endpoint; for one limit over all of them, write "service" in the configuration of this library.'
    : `Move it to extra_config of the ${right}.`;
}
