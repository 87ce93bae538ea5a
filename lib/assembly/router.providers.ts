import type { Provider } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  HttpAdapterHost,
  ModulesContainer,
} from '@nestjs/core';
import { Blueprint } from '../blueprint.js';
import { FollowedRequests } from '../context/followed-requests.js';
import { AuditCounts } from '../router/audit/audit-counts.js';
import { BoundedLog } from '../router/audit/bounded-log.js';
import { ProxyTrust } from '../router/client-key/proxy-trust.js';
import { ConfiguredRoutes } from '../router/configured/configured-routes.js';
import { ServedRoutes } from '../router/configured/served-routes.js';
import { LastGuard } from '../router/decision-place.js';
import { GateMaker } from '../router/gate/gate-maker.js';
import { GuardPhase } from '../router/guard-phase.guard.js';
import { BoundInterceptors } from '../router/bound-interceptors.js';
import { RouteGates } from '../router/route-gates.js';
import { ServiceLimit } from '../router/service-limit.js';
import { Settlements } from '../router/settle/settlements.js';
import { FieldLimits } from '../router/transport/field-limits.js';
import { prepareTransports } from '../router/transport/prepare-transports.js';
import { BucketStore } from '../stores/bucket-store.js';
import { processClock } from '../stores/clock.js';
import { BOUNDED_LOG, STORE } from './tokens.js';

/** The limits of what callers do. */
export const routerProviders: Provider[] = [
  { provide: AuditCounts, useClass: AuditCounts },
  { provide: BOUNDED_LOG, useFactory: () => new BoundedLog(processClock) },
  {
    provide: Settlements,
    inject: [BOUNDED_LOG],
    useFactory: (log: BoundedLog) => new Settlements(log),
  },
  {
    provide: RouteGates,
    inject: [
      Blueprint,
      STORE,
      AuditCounts,
      BOUNDED_LOG,
      ApplicationConfig,
      HttpAdapterHost,
    ],
    useFactory: async (
      { config, routes, findings, policies }: Blueprint,
      store: BucketStore,
      counts: AuditCounts,
      log: BoundedLog,
      application: ApplicationConfig,
      host: HttpAdapterHost,
    ) => {
      await prepareTransports(routes);
      const trust = new ProxyTrust(findings);
      const parts = { config, policies, findings, trust, store, counts, log };
      const maker = new GateMaker({ ...parts, edition: 0 });
      const gates = new RouteGates(
        config,
        maker,
        (route) => new LastGuard(route, application, host),
      );
      gates.build(routes.filter(({ isConfigured }) => !isConfigured));
      return gates;
    },
  },
  {
    provide: ServedRoutes,
    inject: [ApplicationConfig, ModulesContainer, DiscoveryService],
    useFactory: (...nest: ConstructorParameters<typeof ServedRoutes>) =>
      new ServedRoutes(...nest),
  },
  {
    provide: GuardPhase,
    inject: [Blueprint, RouteGates, Settlements, ApplicationConfig],
    useFactory: (
      { hasGuardPhase }: Blueprint,
      ...parts: ConstructorParameters<typeof GuardPhase>
    ) => (hasGuardPhase ? new GuardPhase(...parts) : undefined),
  },
  {
    provide: ConfiguredRoutes,
    inject: [Blueprint, RouteGates, ServedRoutes],
    useFactory: (
      { configuredRoutes, routes, findings }: Blueprint,
      gates: RouteGates,
      served: ServedRoutes,
    ) =>
      new ConfiguredRoutes(configuredRoutes, routes, served, gates, findings),
  },
  {
    provide: BoundInterceptors,
    inject: [
      Blueprint,
      RouteGates,
      Settlements,
      FollowedRequests,
      ModulesContainer,
    ],
    useFactory: (
      { routes }: Blueprint,
      ...parts: [RouteGates, Settlements, FollowedRequests, ModulesContainer]
    ) => {
      const interceptors = new BoundInterceptors(routes, ...parts);
      interceptors.bindElsewhere();
      return interceptors;
    },
  },
  {
    provide: FieldLimits,
    inject: [Blueprint, DiscoveryService],
    useFactory: (
      { routes, findings }: Blueprint,
      discovery: DiscoveryService,
    ) => new FieldLimits(routes, discovery, findings),
  },
  {
    provide: ServiceLimit,
    inject: [Blueprint, RouteGates, Settlements, HttpAdapterHost],
    useFactory: (
      { config }: Blueprint,
      gates: RouteGates,
      settlements: Settlements,
      host: HttpAdapterHost,
    ) => {
      return config.service
        ? new ServiceLimit(gates.service(), settlements, host)
        : undefined;
    },
  },
];
