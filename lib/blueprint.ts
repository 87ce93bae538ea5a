import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { check, Fault, ThrottleConfigError } from './config/fault.js';
import { Findings } from './config/findings.js';
import { optionFindings } from './config/option-findings.js';
import { BackendConfig } from './config/schema/backend.schema.js';
import { Policy } from './config/schema/router-limit.schema.js';
import {
  ThrottleConfig,
  throttleOptions,
  ThrottleOptions,
} from './config/schema/throttle-options.schema.js';
import { applicationClasses } from './discovery/application-classes.js';
import { checkInjected } from './proxy/check-injected.js';
import { declareEntries } from './proxy/declare-entries.js';
import { DeclaredEntry } from './proxy/entry.js';
import { DeclaredRoute } from './router/declared-route.js';
import {
  ConfiguredRoute,
  configuredRoutes,
} from './router/configured/configured-route.js';
import { declareRoutes } from './router/declare-routes.js';
import { unusedPolicies } from './router/unused-policies.js';

/** Everything that configuration and decorators say, checked, before anything is built from it. */
export class Blueprint {
  constructor(
    readonly config: ThrottleConfig,
    readonly backends: ReadonlyMap<string, BackendConfig>,
    readonly routes: readonly DeclaredRoute[],
    readonly configuredRoutes: readonly ConfiguredRoute[],
    readonly entries: readonly DeclaredEntry[],
    readonly policies: ReadonlyMap<string, Policy>,
    readonly findings: Findings,
  ) {}

  /** Whether any limit is decided before the application's guards. */
  get hasGuardPhase(): boolean {
    return [...this.routes, ...this.configuredRoutes].some(({ limits }) =>
      limits.some(({ limit }) => limit.phase === 'guard'),
    );
  }
}

/**
 * Reads the options and the decorators of the whole application.
 *
 * @param isDraft whether its findings are only noted, and not logged
 * @throws ThrottleConfigError with every fault of both
 */
export function drawBlueprint(
  options: ThrottleOptions,
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  isDraft = false,
): Blueprint {
  const faults: Fault[] = [];
  const config = check(throttleOptions, options, '', faults);
  const findings = new Findings(new Set(config?.silenceFindings), isDraft);
  // Where the configuration is wrong its names are still known, so that one boot shows the faults of decorators too.
  const policies = byName<Policy>(config?.policies ?? options?.policies);
  const backends = byName<BackendConfig>(config?.backends ?? options?.backends);
  const classes = applicationClasses(discovery, scanner);
  const sources = { classes, policies, backends, findings, faults };
  if (config) findings.addAll(optionFindings(config));
  const routes = declareRoutes(sources);
  const configured = configuredRoutes(config?.routes ?? {}, sources);
  const limits = [...routes, ...configured].flatMap(({ limits }) => limits);
  if (config) findings.addAll(unusedPolicies(policies, limits));
  const entries = declareEntries(sources);
  checkInjected(sources);
  if (!config || faults.length > 0) throw new ThrottleConfigError(faults);
  return new Blueprint(
    config,
    backends,
    routes,
    configured,
    entries,
    policies,
    findings,
  );
}

function byName<Value>(values: unknown): ReadonlyMap<string, Value> {
  const named = typeof values === 'object' && values !== null ? values : {};
  return new Map(Object.entries(named as Record<string, Value>));
}
