import { AccessList } from '../../config/schema/choice-fields.js';
import { ThrottleConfig } from '../../config/schema/throttle-options.schema.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { clientText } from '../../config/format/limits.js';
import { RouteLimit } from '../declare/declared-route.js';
import {
  bothIds,
  HandlerNames,
  LimitNames,
  BucketNames,
} from '../choice/limit-names.js';
import { NamedTier, namedTiers } from '../choice/tier-choice.js';

/** A bucket of a limit, or one per client. */
export interface BucketPolicy {
  /** Identifies the buckets in the store. */
  readonly id: string;
  /** The name that callers see. */
  readonly name: string;
  readonly scope: 'endpoint' | 'client';
  readonly maxRate: number;
  readonly everyMs: number;
  readonly capacity: number;
  /** What identifies a client: `ip`, `header x-user`, or the name of a function. */
  readonly client?: string;
  /** What happens to a request without a client key. */
  readonly onMissingKey?: 'reject' | 'skip';
  /** The cost of a request in tokens, or the name of a function. */
  readonly cost: number | string;
  /** The function that settles it, if there is one. */
  readonly settle?: string;
}

/** A tier of a limit. */
export interface TierPolicy {
  /** The name that callers see. */
  readonly name: string;
  /** Which keys it matches: how many are listed, or the name of a function; keys may be secrets. */
  readonly when: string;
  /** Empty for an unlimited tier. */
  readonly buckets: readonly BucketPolicy[];
}

/** One limit of a route, and where it is declared. */
export interface LimitPolicy {
  /** `@RouterRateLimit on CatalogController.find`, `routes["GET /catalog"].limits`, `service`. */
  readonly from: string;
  /** The policy named there. */
  readonly policy?: string;
  /** Whether all limits that name the policy share its buckets. */
  readonly shared: boolean;
  readonly mode: 'enforce' | 'audit';
  readonly phase: 'interceptor' | 'edge' | 'service';
  /** The only HTTP method that it applies to, if its handler serves all of them. */
  readonly method?: string;
  /** The buckets of a limit with its own rates. */
  readonly buckets: readonly BucketPolicy[];
  /** If the key of a request decides. */
  readonly tiers?: readonly TierPolicy[];
  /** The function that returns the limit of each request. */
  readonly resolve?: string;
  /** Who skips it, and who is always refused: the name of a function, or how many ranges are listed. */
  readonly allow?: string;
  readonly deny?: string;
}

/** The application's defaults for limits. */
type LimitDefaults = Pick<ThrottleConfig, 'mode' | 'phase'>;

/** Describes the limits of one route in the order of its gate, which must be that of the names. */
export function limitPolicies(
  route: string,
  limits: readonly RouteLimit[],
  defaults: LimitDefaults,
): LimitPolicy[] {
  const names = new HandlerNames(route, limits);
  const isService = route === 'service';
  return limits.map((written) => {
    const { limit, from = route, policy, shared = false, method } = written;
    const { phase = defaults.phase, mode = defaults.mode, allow, deny } = limit;
    return {
      from,
      ...(policy === undefined ? {} : { policy }),
      ...(method === undefined ? {} : { method }),
      shared,
      mode,
      phase: isService ? 'service' : phase,
      ...choice(written, names),
      ...(allow ? { allow: accessText(allow) } : {}),
      ...(deny ? { deny: accessText(deny) } : {}),
    };
  });
}

function choice(
  written: RouteLimit,
  names: LimitNames,
): Pick<LimitPolicy, 'buckets' | 'tiers' | 'resolve'> {
  const { limit } = written;
  if (limit.tiers) {
    const name = names.whole(written, 'tier');
    const tiers = namedTiers(limit, limit.tiers, name).map(tierPolicy);
    return { buckets: [], tiers };
  }
  if (limit.resolve) {
    names.whole(written, 'resolved');
    return { buckets: [], resolve: functionText(limit.resolve) };
  }
  return { buckets: bucketPolicies(limit, names.buckets(written)) };
}

function tierPolicy({ tier, name, inner }: NamedTier): TierPolicy {
  return {
    name: name.label,
    when: whenText(tier),
    buckets: tier.unlimited ? [] : bucketPolicies(inner, bothIds(name)),
  };
}

function bucketPolicies(limit: RouterLimit, namesOf: BucketNames) {
  const { everyMs, settle, onMissingKey = 'reject' } = limit;
  const cost =
    typeof limit.cost === 'function' ? functionText(limit.cost) : limit.cost;
  const terms = { cost, ...(settle ? { settle: functionText(settle) } : {}) };
  const buckets: BucketPolicy[] = [];
  if (limit.maxRate !== undefined) {
    const { id, policy: name } = namesOf('endpoint');
    const { maxRate, capacity = 1 } = limit;
    const rate = { maxRate, everyMs, capacity };
    buckets.push({ id, name, scope: 'endpoint', ...rate, ...terms });
  }
  if (limit.clientMaxRate !== undefined) {
    const { id, policy: name } = namesOf('client');
    const { clientMaxRate: maxRate, clientCapacity: capacity = 1 } = limit;
    const rate = { maxRate, everyMs, capacity };
    const who = { client: clientText(limit), onMissingKey };
    buckets.push({ id, name, scope: 'client', ...rate, ...who, ...terms });
  }
  return buckets;
}

function whenText({ when, otherwise }: NamedTier['tier']): string {
  if (otherwise || when === undefined) return 'otherwise';
  if (typeof when === 'function') return functionText(when);
  const keys = [when].flat().length;
  return keys === 1 ? 'one key' : `one of ${keys} keys`;
}

function accessText(list: AccessList): string {
  if (typeof list === 'function') return functionText(list);
  return list.length === 1 ? 'one range' : `${list.length} ranges`;
}

function functionText({ name }: Function): string {
  return name === '' ? 'a function' : `${name}()`;
}
