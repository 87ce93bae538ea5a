import type { Provider } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  HttpAdapterHost,
  ModulesContainer,
} from '@nestjs/core';
import { ResolvedConfig } from '../resolve-config.js';
import { AuditCounts } from '../router/audit/audit-counts.js';
import { BoundedLog } from '../router/audit/bounded-log.js';
import { ServedRoutes } from '../router/declare/served-routes.js';
import { ENFORCER } from '../router/enforce/enforcer.js';
import { Router } from '../router/router.js';
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
    provide: ServedRoutes,
    inject: [ApplicationConfig, ModulesContainer, DiscoveryService],
    useFactory: (...nest: ConstructorParameters<typeof ServedRoutes>) =>
      new ServedRoutes(...nest),
  },
  {
    provide: Router,
    inject: [
      ResolvedConfig,
      STORE,
      AuditCounts,
      BOUNDED_LOG,
      ServedRoutes,
      DiscoveryService,
      ApplicationConfig,
      HttpAdapterHost,
    ],
    useFactory: async (
      resolved: ResolvedConfig,
      store: BucketStore,
      counts: AuditCounts,
      log: BoundedLog,
      served: ServedRoutes,
      discovery: DiscoveryService,
      application: ApplicationConfig,
      { httpAdapter }: HttpAdapterHost,
    ) => {
      await prepareTransports(resolved.routes);
      const router = new Router(
        resolved,
        { store, counts, log, served, discovery, application },
        httpAdapter,
      );
      router.install();
      return router;
    },
  },
  {
    provide: ENFORCER,
    inject: [Router],
    useFactory: ({ enforcer }: Router) => enforcer,
  },
  {
    provide: Settlements,
    inject: [Router],
    useFactory: ({ enforcer }: Router) => enforcer.settlements,
  },
  {
    provide: FieldLimits,
    inject: [ResolvedConfig, DiscoveryService],
    useFactory: (
      { routes, findings }: ResolvedConfig,
      discovery: DiscoveryService,
    ) => new FieldLimits(routes, discovery, findings),
  },
];
