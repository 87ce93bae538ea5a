import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { check, Fault, ThrottleConfigError } from './config/fault.js';
import { Findings } from './config/findings.js';
import {
  backendLimitFindings,
  routerLimitFindings,
} from './config/limit-findings.js';
import { BackendConfig } from './config/schema/backend.schema.js';
import { Policy } from './config/schema/router-limit.schema.js';
import {
  ThrottleConfig,
  throttleOptions,
  ThrottleOptions,
} from './config/schema/throttle-options.schema.js';
import { declareEntries } from './proxy/declare-entries.js';
import { DeclaredEntry } from './proxy/entry.js';
import { DeclaredRoute } from './router/declared-route.js';
import { declareRoutes } from './router/declare-routes.js';

/** Everything that configuration and decorators say, checked, before anything is built from it. */
export class Blueprint {
  constructor(
    readonly config: ThrottleConfig,
    readonly backends: ReadonlyMap<string, BackendConfig>,
    readonly routes: readonly DeclaredRoute[],
    readonly entries: readonly DeclaredEntry[],
    readonly findings: Findings,
  ) {}
}

/**
 * Reads the options and the decorators of the whole application.
 *
 * @throws ThrottleConfigError with every fault of both
 */
export function drawBlueprint(
  options: ThrottleOptions,
  discovery: DiscoveryService,
  scanner: MetadataScanner,
): Blueprint {
  const faults: Fault[] = [];
  const config = check(throttleOptions, options, '', faults);
  const findings = new Findings(new Set(config?.silenceFindings));
  // Where the configuration is wrong its names are still known, so that one boot shows the faults of decorators too.
  const policies = byName<Policy>(config?.policies ?? options?.policies);
  const backends = byName<BackendConfig>(config?.backends ?? options?.backends);
  const sources = { discovery, scanner, policies, backends, findings, faults };
  if (config) remarkOnLimits(config, findings);
  const routes = declareRoutes(sources);
  const entries = declareEntries(sources);
  if (!config || faults.length > 0) throw new ThrottleConfigError(faults);
  return new Blueprint(config, backends, routes, entries, findings);
}

function byName<Value>(values: unknown): ReadonlyMap<string, Value> {
  const named = typeof values === 'object' && values !== null ? values : {};
  return new Map(Object.entries(named as Record<string, Value>));
}

function remarkOnLimits(config: ThrottleConfig, findings: Findings): void {
  const { service, policies, backends } = config;
  const found = [
    ...(service ? routerLimitFindings(service, 'service') : []),
    ...Object.entries(policies).flatMap(([name, policy]) =>
      routerLimitFindings(policy, `policies.${name}`),
    ),
    ...Object.entries(backends).flatMap(([name, { rateLimit }]) =>
      rateLimit
        ? backendLimitFindings(rateLimit, `backends.${name}.rateLimit`)
        : [],
    ),
  ];
  found.forEach((finding) => findings.add(finding));
}
