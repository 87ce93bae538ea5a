import type { RouterLimitOptions } from '../../config/schema/router-limit.schema.js';
import { Dialect, KRAKEND_1 } from '../enforced/dialect.js';
import { Section } from '../enforced/go-value.js';
import { Place } from '../place.js';
import {
  remarkOnRouter,
  remarkOnRouterOf1,
} from '../remarks/router-remarks.js';
import { routerLimitOptions } from './limit-options.js';
import { noClient } from '../strategies.js';
import { sectionAt } from './section-at.js';
import { tieredLimit } from './tiers.js';

/** A section of the Enterprise edition. */
interface EnterpriseSection {
  readonly name: string;
  readonly isRedis?: boolean;
}

const OF_ENDPOINT: readonly EnterpriseSection[] = [
  { name: 'qos/ratelimit/router/redis', isRedis: true },
];
const OF_SERVICE: readonly EnterpriseSection[] = [
  { name: 'qos/ratelimit/service' },
  { name: 'qos/ratelimit/service/redis', isRedis: true },
];

/** The limits that the file puts on one endpoint. */
export function endpointLimits(
  extra: Section,
  path: string,
  dialect: Dialect,
  place: Place,
): RouterLimitOptions[] {
  const own = sectionAt(extra, dialect.router, place);
  const limits: RouterLimitOptions[] = [];
  if (own) {
    const limit = dialect.routerLimit(own);
    const remark = dialect === KRAKEND_1 ? remarkOnRouterOf1 : remarkOnRouter;
    remark(own, limit, path, place.at(dialect.router));
    limits.push(...routerLimitOptions(limit));
  }
  if (dialect === KRAKEND_1) return limits;
  return [
    ...limits,
    ...enterpriseLimits(extra, OF_ENDPOINT, path, dialect, place),
  ];
}

/** The limit that the file puts on everything together. */
export function serviceLimit(
  extra: Section,
  dialect: Dialect,
  place: Place,
): RouterLimitOptions | undefined {
  if (dialect === KRAKEND_1) return undefined;
  const [first, ...others] = enterpriseLimits(
    extra,
    OF_SERVICE,
    undefined,
    dialect,
    place,
  );
  if (others.length > 0) {
    place.remark('limit-not-imported', {
      written: 'several limits of the service',
      enforced: 'Enterprise enforces all of them. The first is imported.',
      fix: 'Put the others on the routes they are for.',
    });
  }
  return first && withoutParam(first);
}

/** No route is known yet where the service decides. */
function withoutParam(limit: RouterLimitOptions): RouterLimitOptions {
  if (typeof limit === 'string') return limit;
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

const TIERED = 'qos/ratelimit/tiered';

/** The limits by tier of an endpoint, or of the service where there is no path. */
function limitsByTier(
  extra: Section,
  path: string | undefined,
  place: Place,
): RouterLimitOptions[] {
  const section = sectionAt(extra, TIERED, place);
  if (!section) return [];
  remarkOnEdition(TIERED, place.at(TIERED));
  return tieredLimit(section, path, place.at(TIERED));
}

function enterpriseLimits(
  extra: Section,
  sections: readonly EnterpriseSection[],
  path: string | undefined,
  dialect: Dialect,
  place: Place,
): RouterLimitOptions[] {
  const limits = sections.flatMap(({ name, isRedis }) => {
    const section = sectionAt(extra, name, place);
    if (!section) return [];
    const at = place.at(name);
    remarkOnEdition(name, at);
    if (isRedis) remarkOnRedis(name, at);
    const limit = dialect.routerLimit(section);
    remarkOnRouter(section, limit, path, at);
    return routerLimitOptions(limit);
  });
  return [...limits, ...limitsByTier(extra, path, place)];
}

/** A section that only the Enterprise edition has. */
function remarkOnEdition(name: string, place: Place): void {
  place.remark('enterprise-only', {
    written: `a section ${JSON.stringify(name)}`,
    enforced:
      'The Community edition ignores it; Enterprise enforces it. It is imported.',
    fix: 'Nothing here; on Community the limit has never held.',
  });
}

function remarkOnRedis(name: string, place: Place): void {
  place.remark('redis-in-memory', {
    written: `a section ${JSON.stringify(name)}`,
    enforced:
      'All instances of KrakenD share the bucket. It is imported as a limit of the store that you configure, in memory by default.',
    fix: 'Configure the Redis store.',
  });
}
