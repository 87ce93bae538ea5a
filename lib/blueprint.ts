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
  // Without a configuration to go by, names cannot be judged; the limits in decorators still can.
  if (!config) throw new ThrottleConfigError(faults);

  const findings = new Findings(new Set(config.silenceFindings));
  const policies = new Map<string, Policy>(Object.entries(config.policies));
  const backends = new Map(Object.entries(config.backends));
  remarkOnLimits(config, findings);
  const sources = { discovery, scanner, policies, backends, findings, faults };
  const routes = declareRoutes(sources);
  const entries = declareEntries(sources);
  if (faults.length > 0) throw new ThrottleConfigError(faults);
  return new Blueprint(config, backends, routes, entries, findings);
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
