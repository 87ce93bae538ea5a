import { contentIdentity } from '../../config/values.js';
import { Finding } from '../../config/findings.js';
import { Policy } from '../../config/schema/router-limit.schema.js';
import { ApplicationClass } from '../../config/application-classes.js';
import { DeclaredRoute, RouteLimit } from './declared-route.js';

/** A limit that Nest asks for no request. */
export function limitWithoutHandler(where: string): Finding {
  return {
    code: 'limit-without-handler',
    path: `@RouterRateLimit on ${where}`,
    sentence:
      'No request arrives here: Nest runs interceptors only for handlers of controllers, gateways and resolvers.',
    fix: 'Put it on the handler, or use @ProxyRateLimit for what the method calls.',
  };
}

/** A handler that skips what is not there. */
export function skipWithoutLimit(where: string): Finding {
  return {
    code: 'skip-without-limit',
    path: `@SkipRouterRateLimit on ${where}`,
    sentence:
      'Its controller has no limit to skip; the limit of the whole application applies to every request all the same.',
    fix: 'Leave the decorator out, or give `service` an `allow` function that knows the request.',
  };
}

/** What is doubtful about the limits that meet on one handler. */
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
      'The same limit stands here twice, maybe once on the controller: both have buckets of their own, are charged by each request and always refuse together.',
    fix: 'Leave one of them out, or write @SkipRouterRateLimit() where a handler should have its limit in place of that of its controller.',
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
      "Every limit here says onMissingKey: 'skip' for a header, so a caller that leaves the header out is not limited at all.",
    fix: "Add a limit for those without the header, such as one by 'ip', or leave onMissingKey out.",
  };
}

/** Policies that no limit names; a function that resolves limits may name any of them. */
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
      sentence: 'No decorator and no route names it, so it limits nothing.',
      fix: `Write @RouterRateLimit('${name}') where it should apply, or leave it out.`,
    }));
}

const THROTTLER = 'ThrottlerGuard';

/** A guard of @nestjs/throttler that counts the requests of limited handlers as well. */
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
        'It counts requests that limits of this library count too: what it refuses never comes to them, and both write X-RateLimit fields.',
      fix: 'Keep it away from handlers with @RouterRateLimit: @SkipThrottle with the name of each throttler, or no guard.',
    },
  ];
}

/** Interceptors of the whole application that answer from a cache, and so before the limit. */
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
        'It runs before the interceptors of controllers, so what it answers from its cache is neither limited nor charged.',
      fix: "Decide the limits before it with phase: 'edge', or put @UseInterceptors(CacheInterceptor) on the controllers, above @RouterRateLimit.",
    },
  ];
}

/** Whether a class, or that of an instance, has a name or extends one that has it. */
function isNamed(value: unknown, name: string): boolean {
  let type: unknown =
    typeof value === 'object' && value !== null ? value.constructor : value;
  while (typeof type === 'function' && type !== Function.prototype) {
    if (type.name === name) return true;
    type = Object.getPrototypeOf(type);
  }
  return false;
}
