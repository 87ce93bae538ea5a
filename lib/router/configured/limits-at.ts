import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { RouteLimit } from '../route-limit.js';
import { ConfiguredRoute } from './configured-route.js';
import { routePattern } from './route-pattern.js';

/** Where a key stands: a limit, one of its tiers, or what its tiers are chosen by. */
type KeySource = Pick<RouterLimit, 'strategy' | 'key'>;

/** The limits of a route for a handler at `path`, which may call the parameters by other names. */
export function limitsAt(route: ConfiguredRoute, path: string): RouteLimit[] {
  const written = route.pattern.params;
  const called = routePattern(path).params;
  const renamed = <Source extends KeySource>(source: Source): Source => {
    if (source.strategy !== 'param') return source;
    const position = written.indexOf(source.key ?? '');
    return position < 0 ? source : { ...source, key: called[position] };
  };
  return route.limits.map(({ limit, ...rest }) => ({
    ...rest,
    limit: limitWith(limit, renamed),
    route: route.key,
  }));
}

/** A parameter may be named in three places of a limit. */
function limitWith(
  limit: RouterLimit,
  renamed: <Source extends KeySource>(source: Source) => Source,
): RouterLimit {
  const { tiers, tierKey } = limit;
  if (!tiers) return renamed(limit);
  return {
    ...renamed(limit),
    tiers: tiers.map(renamed),
    ...(typeof tierKey === 'object' ? { tierKey: renamed(tierKey) } : {}),
  };
}
