import { checkOptions } from './config/check-options.js';
import { Fault, ThrottleConfigError } from './config/fault.js';
import { Findings } from './config/findings.js';
import { optionFindings } from './config/limit-findings.js';
import { BackendConfig } from './config/schema/backend.schema.js';
import { Policy } from './config/schema/router-limit.schema.js';
import {
  ThrottleConfig,
  ThrottleOptions,
} from './config/schema/throttle-options.schema.js';
import { partsOf, Steps } from './config/steps.js';
import {
  ApplicationClass,
  COPIES,
  isFromAnotherCopy,
} from './config/application-classes.js';
import { checkInjected } from './proxy/inject-backend.decorator.js';
import { declareEntries } from './proxy/entries/declare-entries.js';
import { DeclaredEntry } from './proxy/entries/entry.js';
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
): Steps<ResolvedConfig> {
  const faults: Fault[] = [];
  const config = yield* checkOptions(options, faults);
  const findings = new Findings(new Set(config?.silenceFindings), isDraft);
  // Where the configuration is wrong its names are still known, so that one boot shows the faults of decorators too.
  const policies = byName<Policy>(config?.policies ?? options?.policies);
  const backends = byName<BackendConfig>(config?.backends ?? options?.backends);
  const sources = { classes, policies, backends, findings, faults };
  if (config) yield* addOptionFindings(config, findings);
  const routes = yield* declaredRoutes(sources);
  const configured = yield* configuredRoutes(config?.routes ?? {}, sources);
  const limits = [...routes, ...configured].flatMap(({ limits }) => limits);
  if (config) findings.addAll(unusedPolicies(policies, limits));
  const entries = declareEntries(sources);
  checkInjected(sources);
  checkCopies(classes, faults);
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

/** So many routes or backends are looked through without a pause. */
const PART = 250;

function* addOptionFindings(
  config: ThrottleConfig,
  findings: Findings,
): Steps<void> {
  const { routes, backends, ...rest } = config;
  findings.addAll(optionFindings({ ...rest, routes: {}, backends: {} }));
  const none = { policies: {}, routes: {}, backends: {} };
  for (const part of partsOf(routes, PART)) {
    findings.addAll(optionFindings({ ...none, routes: part }));
    yield;
  }
  for (const part of partsOf(backends, PART)) {
    findings.addAll(optionFindings({ ...none, backends: part }));
    yield;
  }
}

/** What another copy of the library decorates would be limited by nobody. */
function checkCopies(
  classes: readonly ApplicationClass[],
  faults: Fault[],
): void {
  for (const { type, marks, methods } of classes) {
    const decorated = [
      { path: type.name, body: type, marks },
      ...methods.map(({ name, body, marks }) => {
        return { path: `${type.name}.${name}`, body, marks };
      }),
    ];
    for (const { path, body, marks } of decorated) {
      if (!marks.includes(COPIES) || !isFromAnotherCopy(body)) continue;
      faults.push({
        path,
        found: 'a decorator of another copy of nestjs-floodgate',
        allowed:
          'decorators of the copy whose ThrottleModule is imported: load one version of the package, in one format, or keep it out of the bundle',
      });
    }
  }
}

function byName<Value>(values: unknown): ReadonlyMap<string, Value> {
  const named = typeof values === 'object' && values !== null ? values : {};
  return new Map(Object.entries(named as Record<string, Value>));
}
