import type { RouterLimitOptions } from '../../config/schema/router-limit.schema.js';
import { KRAKEND_1 } from '../enforced/dialect.js';
import {
  fieldOf,
  numberAt,
  Section,
  sectionOf,
  textAt,
} from '../enforced/go-value.js';
import { enforcedRouterLimit } from '../enforced/rate-limit.js';
import { Clients } from '../findings/client-findings.js';
import { reportRouterLimit } from '../findings/limit-findings.js';
import { Place } from '../krakend-finding.js';
import { noClient } from '../strategies.js';
import { sectionAt } from './fields.js';
import { FileContext } from './file-context.js';
import { oneLimitOptions, routerLimitOptions } from './limit-options.js';

type LimitObject = Exclude<RouterLimitOptions, string>;
type Tier = NonNullable<LimitObject['tiers']>[number];

const TIERED = 'qos/ratelimit/tiered';

/** Imports the limits of an endpoint. */
export function endpointLimits(
  extra: Section,
  path: string,
  file: FileContext,
  place: Place,
): RouterLimitOptions[] {
  const { dialect } = file;
  const clients = { path, forgedBy: file.trust.forgedBy };
  const own = sectionAt(extra, dialect.router, place);
  const limits: RouterLimitOptions[] = [];
  if (own) {
    const limit = dialect.routerLimit(own);
    reportRouterLimit(own, limit, clients, dialect, place.at(dialect.router));
    limits.push(...routerLimitOptions(limit));
  }
  if (dialect === KRAKEND_1) return limits;
  const ofEnterprise = enterpriseLimits(
    extra,
    ['qos/ratelimit/router/redis'],
    clients,
    file,
    place,
  );
  return [...limits, ...ofEnterprise];
}

/** Imports the limit of the whole service. */
export function importedServiceLimit(
  extra: Section,
  file: FileContext,
  place: Place,
): LimitObject | undefined {
  if (file.dialect === KRAKEND_1) return undefined;
  const [first, ...others] = enterpriseLimits(
    extra,
    ['qos/ratelimit/service', 'qos/ratelimit/service/redis'],
    { forgedBy: file.trust.forgedBy },
    file,
    place,
  );
  if (others.length > 0) {
    place.report('limit-not-imported', {
      written: 'several limits of the service',
      enforced: 'Enterprise enforces all of them. The first is imported.',
      fix: 'Put the others on the routes they are for.',
    });
  }
  return first && withoutParam(first);
}

/** Replaces strategy `param` by a key function that finds no client: the service limit is decided before a route is known. */
function withoutParam(limit: LimitObject): LimitObject {
  const tiers = limit.tiers?.map((tier) => keylessParam(tier));
  return { ...keylessParam(limit), ...(tiers ? { tiers } : {}) };
}

function keylessParam<Limit extends { strategy?: unknown; key?: string }>(
  limit: Limit,
): Limit {
  if (limit.strategy !== 'param') return limit;
  const keyless = { ...limit, strategy: noClient };
  delete keyless.key;
  return keyless;
}

/** Limits of the Enterprise edition. The one by tier comes last. */
function enterpriseLimits(
  extra: Section,
  names: readonly string[],
  clients: Clients,
  file: FileContext,
  place: Place,
): LimitObject[] {
  const limits = names.flatMap((name) => {
    const section = sectionAt(extra, name, place);
    if (!section) return [];
    const at = place.at(name);
    reportEdition(name, at);
    if (name.endsWith('/redis')) reportRedis(name, section, at);
    const limit = file.dialect.routerLimit(section);
    if (!reportTokenClient(section, at)) {
      reportRouterLimit(section, limit, clients, file.dialect, at);
    }
    return routerLimitOptions(limit);
  });
  const tiered = sectionAt(extra, TIERED, place);
  if (!tiered) return limits;
  const at = place.at(TIERED);
  reportEdition(TIERED, at);
  return [...limits, ...tieredLimit(tiered, clients, file, at)];
}

/** Imports `qos/ratelimit/tiered`; `undefined` if none of its tiers can be expressed. */
function tieredLimit(
  section: Section,
  clients: Clients,
  file: FileContext,
  place: Place,
): LimitObject[] {
  const written = fieldOf(section, 'tiers');
  const key = textAt(section, 'tier_key');
  const tiers = (Array.isArray(written) ? written : []).flatMap(
    (tier: unknown, i) =>
      tierOf(sectionOf(tier) ?? {}, clients, file, place.at('tiers').at(i)),
  );
  const last = tiers.findIndex(({ otherwise }) => otherwise);
  const used = last < 0 ? tiers : tiers.slice(0, last + 1);
  if (used.length > 0 && key !== '') {
    return [{ tierKey: { strategy: 'header', key }, tiers: used }];
  }
  place.report('limit-not-imported', {
    written: key === '' ? 'no tier_key' : 'no tier that can be imported',
    enforced: 'Whatever Enterprise enforces of it is not imported.',
    fix: 'Write tier_key: the header that names the tier, and tiers with a tier_value and a ratelimit.',
  });
  return [];
}

function tierOf(
  tier: Section,
  clients: Clients,
  file: FileContext,
  place: Place,
): Tier[] {
  const kind = textAt(tier, 'tier_value_as') || 'literal';
  const value = textAt(tier, 'tier_value');
  const name =
    fieldOf(tier, 'ratelimit') === undefined ? 'ratelimit_redis' : 'ratelimit';
  const section = sectionOf(fieldOf(tier, name));
  const isExpressible = kind === '*' || (kind === 'literal' && value !== '');
  if (!isExpressible || !section) {
    place.report('limit-not-imported', {
      written: `a tier of kind ${JSON.stringify(kind)}`,
      enforced: 'Enterprise enforces it. It is not imported.',
      fix: 'Write it as a tier of the route, with a function in `when`.',
    });
    return [];
  }
  const at = place.at(name);
  if (name === 'ratelimit_redis') reportRedis(name, section, at);
  const limit = enforcedRouterLimit(section);
  if (!reportTokenClient(section, at)) {
    reportRouterLimit(section, limit, clients, file.dialect, at);
  }
  const options = oneLimitOptions(limit);
  const choice = kind === '*' ? { otherwise: true as const } : { when: value };
  return [{ ...choice, ...(options ?? { unlimited: true as const }) } as Tier];
}

/** Reports limits that identify clients by a claim of their token, an Enterprise feature. */
function reportTokenClient(section: Section, place: Place): boolean {
  const strategy = textAt(section, 'strategy').toLowerCase();
  if (strategy !== 'jwt' || !(numberAt(section, 'client_max_rate') > 0)) {
    return false;
  }
  const claim = textAt(section, 'key') || 'sub';
  place.at('strategy').report('limit-not-imported', {
    written: `strategy: "jwt", key: ${JSON.stringify(claim)}`,
    enforced:
      'Enterprise limits each client by that claim of its token. The limit on clients is not imported.',
    fix: `Write clientMaxRate with a function in strategy that returns the claim ${claim} of the checked token.`,
  });
  return true;
}

/** Reports a section of the Enterprise edition. */
function reportEdition(name: string, place: Place): void {
  place.report('enterprise-only', {
    written: `a section ${JSON.stringify(name)}`,
    enforced:
      'The Community edition ignores it; Enterprise enforces it, and so does the import.',
    fix: 'Nothing here; on Community the limit has never held.',
  });
}

function reportRedis(name: string, section: Section, place: Place): void {
  const failsOpen = fieldOf(section, 'on_failure_allow') === true;
  place.report('redis-in-memory', {
    written: `a section ${JSON.stringify(name)}`,
    enforced: `All instances of KrakenD share the bucket, and requests ${failsOpen ? 'pass uncounted' : 'are refused'} while Redis is away. It is imported as a limit of the store that you configure, in memory by default.`,
    fix: `Configure the Redis store, with onStoreFailure: ${failsOpen ? '"open"' : '"closed"'}.`,
  });
}
