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

/** The validated options and decorators of an application, complete before anything is built from them. */
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
 * Resolves the options and all decorators of the application, in steps:
 * replacing a large configuration at run time must not block requests.
 *
 * @param isDraft whether to collect findings without logging them
 * @throws ThrottleConfigError with every fault of the options and the
 *   decorators
 */
export function* resolveConfig(
  options: ThrottleOptions,
  classes: readonly ApplicationClass[],
  isDraft = false,
): Steps<ResolvedConfig> {
  const faults: Fault[] = [];
  const config = yield* checkOptions(options, faults);
  const findings = new Findings(new Set(config?.silenceFindings), isDraft);
  // Names are known even if the configuration is invalid, so that one error lists the faults of decorators too.
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

/** The number of routes or backends to process before yielding. */
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

/** Reports decorators of another copy of the library: nobody would enforce their limits. */
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
