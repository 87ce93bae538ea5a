import type { Provider } from '@nestjs/common';
import { Findings } from '../config/findings.js';
import { FollowedRequests } from '../context/followed-requests.js';
import { BackendClient } from '../proxy/backend-client.js';
import { ResolvedConfig } from '../resolve-config.js';
import { AuditCounts } from '../router/audit/audit-counts.js';
import { ServedRoutes } from '../router/declare/served-routes.js';
import { ENFORCER } from '../router/enforce/enforcer.js';
import { Router } from '../router/router.js';
import { ThrottleService } from '../throttle.service.js';
import { groundProviders } from './ground.providers.js';
import { proxyProviders } from './proxy.providers.js';
import { routerProviders } from './router.providers.js';
import { serverProviders } from './server.providers.js';
import { THROTTLE_OPTIONS } from './tokens.js';

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
      ResolvedConfig,
      Router,
      BackendClient,
      ServedRoutes,
      FollowedRequests,
    ],
    useFactory: (...parts: ConstructorParameters<typeof ThrottleService>) =>
      new ThrottleService(...parts),
  },
];

/** What the application's own classes may inject. */
export const exported = [
  AuditCounts,
  BackendClient,
  ENFORCER,
  Findings,
  ThrottleService,
];
