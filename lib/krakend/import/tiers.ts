import type { RouterLimitOptions } from '../../config/schema/router-limit.schema.js';
import { fieldOf, Section, sectionOf, textAt } from '../enforced/go-value.js';
import { routerLimit } from '../enforced/router-limit.js';
import { Place } from '../place.js';
import { remarkOnRouter } from '../remarks/router-remarks.js';
import { oneLimitOptions } from './limit-options.js';

type TieredLimit = Exclude<RouterLimitOptions, string>;
type Tier = NonNullable<TieredLimit['tiers']>[number];

/** What `qos/ratelimit/tiered` says; nothing when none of its tiers can be expressed. */
export function tieredLimit(
  section: Section,
  path: string | undefined,
  place: Place,
): TieredLimit[] {
  const written = fieldOf(section, 'tiers');
  const key = textAt(section, 'tier_key');
  const tiers = (Array.isArray(written) ? written : []).flatMap(
    (tier: unknown, i) =>
      tierOf(sectionOf(tier) ?? {}, path, place.at('tiers').at(i)),
  );
  const last = tiers.findIndex(({ otherwise }) => otherwise);
  const used = last < 0 ? tiers : tiers.slice(0, last + 1);
  return used.length === 0 || key === ''
    ? []
    : [{ tierKey: { strategy: 'header', key }, tiers: used }];
}

function tierOf(tier: Section, path: string | undefined, place: Place): Tier[] {
  const kind = textAt(tier, 'tier_value_as') || 'literal';
  const value = textAt(tier, 'tier_value');
  const section = sectionOf(
    fieldOf(tier, 'ratelimit') ?? fieldOf(tier, 'ratelimit_redis'),
  );
  const isExpressible = kind === '*' || (kind === 'literal' && value !== '');
  if (!isExpressible || !section) {
    place.remark('limit-not-imported', {
      written: `a tier of kind ${JSON.stringify(kind)}`,
      enforced: 'Enterprise enforces it. It is not imported.',
      fix: 'Write it as a tier of the route, with a function in `when`.',
    });
    return [];
  }
  const limit = routerLimit(section);
  remarkOnRouter(section, limit, path, place.at('ratelimit'));
  const options = oneLimitOptions(limit);
  const choice = kind === '*' ? { otherwise: true as const } : { when: value };
  return [{ ...choice, ...(options ?? { unlimited: true as const }) } as Tier];
}
