import type { Provider } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  HttpAdapterHost,
  MetadataScanner,
  ModulesContainer,
} from '@nestjs/core';
import { applicationClasses } from './config/application-classes.js';
import { Findings } from './config/findings.js';
import type { ThrottleOptions } from './config/schema/throttle-options.schema.js';
import { runAtOnce } from './config/steps.js';
import { followedOptions, FollowedRequests } from './http/followed-requests.js';
import { ProblemFilter } from './http/problem.filter.js';
import { ServerTimeouts } from './http/server-timeouts.js';
import { BackendClient } from './proxy/backend-client.js';
import { BackendRuntime } from './proxy/backend-runtime.js';
import { HttpBackend } from './proxy/http-backend.js';
import { transportOf } from './proxy/transport/transports.js';
import { ResolvedConfig, resolveConfig } from './resolve-config.js';
import { AuditCounts } from './router/audit/audit-counts.js';
import { BoundedLog } from './router/audit/bounded-log.js';
import { ServedRoutes } from './router/declare/served-routes.js';
import { ENFORCER } from './router/enforce/enforcer.js';
import { Router } from './router/router.js';
import { Settlements } from './router/settle/settlements.js';
import { FieldLimits } from './router/transport/field-limits.js';
import { prepareTransports } from './router/transport/prepare-transports.js';
import { BucketStore } from './stores/bucket-store.js';
import { processClock } from './stores/clock.js';
import { MemoryStore } from './stores/memory-store.js';
import { ThrottleService } from './throttle.service.js';

/**
 * The token of the options passed to `forRoot` or `forRootAsync`. A test
 * replaces them with `overrideProvider(THROTTLE_OPTIONS).useValue({ … })`.
 */
export const THROTTLE_OPTIONS = Symbol.for('nestjs-floodgate:options');
/** The store for shared buckets; the in-memory one unless the configuration names another. */
const STORE = Symbol.for('nestjs-floodgate:store');
/** The in-memory store of this process. */
const OWN_STORE = Symbol.for('nestjs-floodgate:own-store');
/** A rate-limited logger for messages about single policies. */
const BOUNDED_LOG = Symbol.for('nestjs-floodgate:bounded-log');

/** The basis of all other providers: the validated configuration, the stores, and the exception filter. */
const groundProviders: Provider[] = [
  {
    provide: ResolvedConfig,
    inject: [THROTTLE_OPTIONS, DiscoveryService, MetadataScanner],
    useFactory: (
      options: ThrottleOptions,
      discovery: DiscoveryService,
      scanner: MetadataScanner,
    ) =>
      runAtOnce(resolveConfig(options, applicationClasses(discovery, scanner))),
  },
  {
    provide: Findings,
    inject: [ResolvedConfig],
    useFactory: ({ findings }: ResolvedConfig) => findings,
  },
  {
    provide: OWN_STORE,
    inject: [ResolvedConfig],
    useFactory: ({ config }: ResolvedConfig) =>
      new MemoryStore(processClock, config.maxClients),
  },
  {
    provide: STORE,
    inject: [ResolvedConfig, OWN_STORE],
    useFactory: ({ config }: ResolvedConfig, ownStore: MemoryStore) => {
      const { store, maxClients } = config;
      return store?.open({ clock: processClock, maxClients }) ?? ownStore;
    },
  },
  { provide: ProblemFilter, useClass: ProblemFilter },
];

/** The router: limits on what callers send. */
const routerProviders: Provider[] = [
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

/** The proxy: calls to backends. */
const proxyProviders: Provider[] = [
  {
    provide: BackendClient,
    inject: [ResolvedConfig, STORE, OWN_STORE],
    useFactory: async (
      { backends, entries }: ResolvedConfig,
      sharedStore: BucketStore,
      ownStore: BucketStore,
    ) => {
      const { fleet } = sharedStore;
      const makers = new Map<string, () => HttpBackend>();
      for (const [name, config] of backends) {
        const open = await transportOf(name, config);
        const store = config.rateLimit?.shared ? sharedStore : ownStore;
        const clock = processClock;
        const parts = { name, config, store, clock, open, fleet };
        makers.set(name, () => {
          const made = new HttpBackend(new BackendRuntime(parts));
          for (const entry of entries) {
            if (entry.entry.backend === name) made.addEntry(entry);
          }
          return made;
        });
      }
      const client = new BackendClient(makers);
      // Create the backends at start, so that they receive what other instances report about them.
      if (fleet) for (const name of makers.keys()) client.backend(name);
      return client;
    },
  },
];

/** Settings of Nest's HTTP server. */
const serverProviders: Provider[] = [
  {
    provide: FollowedRequests,
    inject: [ResolvedConfig, HttpAdapterHost],
    useFactory: ({ config }: ResolvedConfig, host: HttpAdapterHost) =>
      new FollowedRequests(followedOptions(config), host),
  },
  {
    provide: ServerTimeouts,
    inject: [ResolvedConfig, HttpAdapterHost],
    useFactory: ({ config }: ResolvedConfig, host: HttpAdapterHost) =>
      new ServerTimeouts(config.server ?? {}, host),
  },
];

/** All providers, in the order in which they start. */
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

/** The providers that application classes can inject. */
export const exported = [
  AuditCounts,
  BackendClient,
  ENFORCER,
  Findings,
  ThrottleService,
];
