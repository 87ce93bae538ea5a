import { check, Fault, ThrottleConfigError } from './config/fault.js';
import { Findings } from './config/findings.js';
import { isObject } from './config/is-object.js';
import { optionFindings } from './config/option-findings.js';
import { BackendConfig } from './config/schema/backend.schema.js';
import { route, RouteConfig, routeName } from './config/schema/route.schema.js';
import { Policy } from './config/schema/router-limit.schema.js';
import {
  ThrottleConfig,
  throttleOptions,
  ThrottleOptions,
} from './config/schema/throttle-options.schema.js';
import { ApplicationClass } from './discovery/application-classes.js';
import { checkInjected } from './proxy/check-injected.js';
import { declareEntries } from './proxy/declare-entries.js';
import { DeclaredEntry } from './proxy/entry.js';
import {
  ConfiguredRoute,
  configuredRoutes,
} from './router/declare/configured-routes.js';
import { DeclaredRoute } from './router/declare/declared-route.js';
import { declaredRoutes } from './router/declare/declared-routes.js';
import { unusedPolicies } from './router/declare/route-findings.js';

/** Everything that configuration and decorators say, checked, before anything is built from it. */
export class ResolvedConfig {
  constructor(
    readonly config: ThrottleConfig,
    readonly backends: ReadonlyMap<string, BackendConfig>,
    readonly routes: readonly DeclaredRoute[],
    readonly configuredRoutes: readonly ConfiguredRoute[],
    readonly entries: readonly DeclaredEntry[],
    readonly policies: ReadonlyMap<string, Policy>,
    readonly findings: Findings,
    readonly classes: readonly ApplicationClass[],
  ) {}
}

/**
 * Reads the options and the decorators of the whole application, in steps: a
 * large configuration that is replaced at run time must not hold up requests.
 *
 * @param isDraft whether its findings are only noted, and not logged
 * @throws ThrottleConfigError with every fault of both
 */
export function* resolveConfig(
  options: ThrottleOptions,
  classes: readonly ApplicationClass[],
  isDraft = false,
): Generator<undefined, ResolvedConfig> {
  const faults: Fault[] = [];
  const config = yield* checkOptions(options, faults);
  const findings = new Findings(new Set(config?.silenceFindings), isDraft);
  // Where the configuration is wrong its names are still known, so that one boot shows the faults of decorators too.
  const policies = byName<Policy>(config?.policies ?? options?.policies);
  const backends = byName<BackendConfig>(config?.backends ?? options?.backends);
  const sources = { classes, policies, backends, findings, faults };
  if (config) findings.addAll(optionFindings(config));
  const routes = yield* declaredRoutes(sources);
  const configured = yield* configuredRoutes(config?.routes ?? {}, sources);
  const limits = [...routes, ...configured].flatMap(({ limits }) => limits);
  if (config) findings.addAll(unusedPolicies(policies, limits));
  const entries = declareEntries(sources);
  checkInjected(sources);
  if (!config || faults.length > 0) throw new ThrottleConfigError(faults);
  return new ResolvedConfig(
    config,
    backends,
    routes,
    configured,
    entries,
    policies,
    findings,
    classes,
  );
}

/** Checks the routes one by one, of which there may be thousands, and all else at once. */
function* checkOptions(
  options: ThrottleOptions,
  faults: Fault[],
): Generator<undefined, ThrottleConfig | undefined> {
  const written: unknown = options?.routes;
  if (!isObject(written) || Object.hasOwn(written, '__proto__')) {
    return check(throttleOptions, options, '', faults);
  }
  const config = check(throttleOptions, { ...options, routes: {} }, '', faults);
  const routes: Record<string, RouteConfig> = {};
  for (const key of Object.keys(written)) {
    const path = `routes.${key}`;
    const isNamed = check(routeName, key, path, faults) !== undefined;
    const checked = isNamed && check(route, written[key], path, faults);
    if (checked) routes[key] = checked;
    yield;
  }
  return config && { ...config, routes };
}

function byName<Value>(values: unknown): ReadonlyMap<string, Value> {
  const named = typeof values === 'object' && values !== null ? values : {};
  return new Map(Object.entries(named as Record<string, Value>));
}
