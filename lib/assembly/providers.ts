import type { Provider } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Blueprint } from '../blueprint.js';
import { Findings } from '../config/findings.js';
import { BackendClient } from '../proxy/backend-client.js';
import { AuditCounts } from '../router/audit/audit-counts.js';
import { ServedRoutes } from '../router/configured/served-routes.js';
import { BoundInterceptors } from '../router/bound-interceptors.js';
import { RouteGates } from '../router/route-gates.js';
import { ServiceLimit } from '../router/service-limit.js';
import { Settlements } from '../router/settle/settlements.js';
import { ThrottleService } from '../throttle.service.js';
import { THROTTLE_OPTIONS } from './tokens.js';
import { groundProviders } from './ground.providers.js';
import { proxyProviders } from './proxy.providers.js';
import { routerProviders } from './router.providers.js';
import { serverProviders } from './server.providers.js';

/** Puts the parts together; the order is that of the boot. */
export const providers: Provider[] = [
  ...groundProviders,
  ...routerProviders,
  ...proxyProviders,
  ...serverProviders,
  {
    provide: ThrottleService,
    inject: [
      THROTTLE_OPTIONS,
      Blueprint,
      RouteGates,
      { token: ServiceLimit, optional: true },
      BoundInterceptors,
      BackendClient,
      ServedRoutes,
      DiscoveryService,
      MetadataScanner,
    ],
    useFactory: (...parts: ConstructorParameters<typeof ThrottleService>) =>
      new ThrottleService(...parts),
  },
];

/** What the application's own classes may inject. */
export const exported = [
  AuditCounts,
  BackendClient,
  Findings,
  RouteGates,
  Settlements,
  ThrottleService,
];
