import { contentIdentity } from '../../config/values.js';
import { Finding } from '../../config/findings.js';
import { Policy } from '../../config/schema/router-limit.schema.js';
import { ApplicationClass } from '../../config/application-classes.js';
import { DeclaredRoute, RouteLimit } from './declared-route.js';

/** A limit on a method that Nest calls for no request. */
export function limitWithoutHandler(where: string): Finding {
  return {
    code: 'limit-without-handler',
    path: `@RouterRateLimit on ${where}`,
    sentence:
      'This limit is never enforced: Nest runs interceptors only for handlers of controllers, gateways and resolvers.',
    fix: 'Move it to the handler, or use @ProxyRateLimit to limit the calls this method makes.',
  };
}

/** A handler that skips limits where there are none. */
export function skipWithoutLimit(where: string): Finding {
  return {
    code: 'skip-without-limit',
    path: `@SkipRouterRateLimit on ${where}`,
    sentence:
      'The controller has no limit to skip. The application-wide `service` limit still applies.',
    fix: 'Remove the decorator, or give `service` an `allow` function that recognises the request.',
  };
}

/** Doubtful combinations of the limits on one handler. */
export function routeFindings(
  limits: readonly RouteLimit[],
  where: string,
): Finding[] {
  const path = `@RouterRateLimit on ${where}`;
  const findings: Finding[] = [];
  if (isRepeated(limits)) findings.push(repeated(path));
  if (limits.length > 0 && limits.every(isLeftOut)) {
    findings.push(passedWithoutKey(path));
  }
  return findings;
}

function isRepeated(limits: readonly RouteLimit[]): boolean {
  if (limits.length < 2) return false;
  const seen = new Set<unknown>();
  const isSecond = ({ limit, shared }: RouteLimit) => {
    const { name: _, ...content } = limit;
    const identity = contentIdentity(content) ?? limit;
    return !shared && seen.size === seen.add(identity).size;
  };
  return limits.some(isSecond);
}

function repeated(path: string): Finding {
  return {
    code: 'repeated-limit',
    path,
    sentence:
      'The same limit applies twice, perhaps once from the controller. Each copy has its own buckets, every request charges both, and both always refuse together.',
    fix: 'Remove one of them, or add @SkipRouterRateLimit() to a handler whose own limit should replace that of its controller.',
  };
}

function isLeftOut({ limit }: RouteLimit): boolean {
  const { strategy, onMissingKey, maxRate, tiers, resolve } = limit;
  const isAlone = maxRate === undefined && !tiers && !resolve;
  return isAlone && strategy === 'header' && onMissingKey === 'skip';
}

function passedWithoutKey(path: string): Finding {
  return {
    code: 'limit-left-out',
    path,
    sentence:
      "Every limit here skips requests without the header (onMissingKey: 'skip'), so a caller that omits it is not limited at all.",
    fix: "Add a limit for callers without the header, such as one by 'ip', or remove onMissingKey.",
  };
}

/** Policies that no limit names; a resolver may name any of them. */
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
      sentence:
        'No decorator and no route uses this policy, so it limits nothing.',
      fix: `Add @RouterRateLimit('${name}') where it should apply, or remove the policy.`,
    }));
}

const THROTTLER = 'ThrottlerGuard';

/** A guard of @nestjs/throttler that also counts requests of limited handlers. */
export function secondLimiters(
  classes: readonly ApplicationClass[],
  routes: readonly DeclaredRoute[],
): Finding[] {
  if (routes.length === 0) return [];
  const isThere = classes.some(({ type }) => isNamed(type, THROTTLER));
  if (!isThere) return [];
  return [
    {
      code: 'second-limiter',
      path: THROTTLER,
      sentence:
        'ThrottlerGuard counts the same requests as the limits of this library: requests it refuses never reach them, and both write X-RateLimit headers.',
      fix: 'Exclude handlers with @RouterRateLimit: use @SkipThrottle with the name of each throttler, or remove the guard.',
    },
  ];
}

/** Global interceptors that answer from a cache, and so before the limit. */
export function cachesBeforeLimits(
  interceptors: readonly unknown[],
  routes: readonly DeclaredRoute[],
): Finding[] {
  const isLate = ({ limits }: DeclaredRoute) =>
    limits.some(({ limit }) => limit.phase !== 'edge');
  const cache = interceptors.find((one) => isNamed(one, 'CacheInterceptor'));
  if (!cache || !routes.some(isLate)) return [];
  return [
    {
      code: 'cache-before-limit',
      path: 'CacheInterceptor',
      sentence:
        'A global CacheInterceptor runs before the interceptors of controllers, so answers from its cache are neither limited nor charged.',
      fix: "Use phase: 'edge' so that limits run first, or put @UseInterceptors(CacheInterceptor) on the controllers, above @RouterRateLimit.",
    },
  ];
}

/** Whether a class, or an instance's class, has a name or extends one that has it. */
function isNamed(value: unknown, name: string): boolean {
  let type: unknown =
    typeof value === 'object' && value !== null ? value.constructor : value;
  while (typeof type === 'function' && type !== Function.prototype) {
    if (type.name === name) return true;
    type = Object.getPrototypeOf(type);
  }
  return false;
}
