import { ClassProvider, FactoryProvider } from '@nestjs/common';
import {
  DiscoveryService,
  HttpAdapterHost,
  MetadataScanner,
} from '@nestjs/core';
import { Blueprint, drawBlueprint } from './blueprint.js';
import { Findings } from './config/findings.js';
import { RouterLimit } from './config/schema/router-limit.schema.js';
import { ThrottleOptions } from './config/schema/throttle-options.schema.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { BackendClient } from './proxy/backend-client.js';
import { HttpBackend } from './proxy/http-backend.js';
import { transportOf } from './proxy/transport/transports.js';
import { ProxyTrust } from './router/client-key/proxy-trust.js';
import { RouteGates } from './router/route-gates.js';
import { ServiceLimitMiddleware } from './router/service-limit.middleware.js';
import { ServerTimeouts } from './server/server-timeouts.js';
import { BucketStore } from './stores/bucket-store.js';
import { processClock } from './stores/clock.js';
import { MemoryStore } from './stores/memory-store.js';

/** What forRoot was given. */
export const THROTTLE_OPTIONS = Symbol.for('nestjs-floodgate:options');

const STORE = Symbol.for('nestjs-floodgate:store');

/** Puts the parts together; the order is that of the boot. */
export const providers: (FactoryProvider | ClassProvider)[] = [
  {
    provide: Blueprint,
    inject: [THROTTLE_OPTIONS, DiscoveryService, MetadataScanner],
    useFactory: (
      options: ThrottleOptions,
      discovery: DiscoveryService,
      scanner: MetadataScanner,
    ) => drawBlueprint(options, discovery, scanner),
  },
  {
    provide: Findings,
    inject: [Blueprint],
    useFactory: ({ findings }: Blueprint) => findings,
  },
  {
    provide: STORE,
    inject: [Blueprint],
    useFactory: ({ config }: Blueprint) =>
      new MemoryStore(processClock, config.maxClients),
  },
  {
    provide: RouteGates,
    inject: [Blueprint, STORE],
    useFactory: (
      { config, routes, findings }: Blueprint,
      store: BucketStore,
    ) => {
      const gates = new RouteGates(config, store, new ProxyTrust(findings));
      gates.build(routes);
      return gates;
    },
  },
  {
    provide: ServiceLimitMiddleware,
    inject: [Blueprint, RouteGates],
    useFactory: ({ config }: Blueprint, gates: RouteGates) => {
      const limit: RouterLimit | undefined = config.service;
      if (!limit) return undefined;
      const name = limit.name ?? 'service';
      return new ServiceLimitMiddleware(
        gates.gate('service', [{ limit, name }]),
      );
    },
  },
  {
    provide: BackendClient,
    inject: [Blueprint, STORE],
    useFactory: async (
      { backends, entries }: Blueprint,
      store: BucketStore,
    ) => {
      const made = new Map<string, HttpBackend>();
      for (const [name, config] of backends) {
        const open = await transportOf(name, config);
        made.set(
          name,
          new HttpBackend(name, config, store, processClock, open),
        );
      }
      for (const entry of entries)
        made.get(entry.entry.backend)?.guard.addEntry(entry);
      return new BackendClient(made);
    },
  },
  {
    provide: ServerTimeouts,
    inject: [Blueprint, HttpAdapterHost],
    useFactory: ({ config }: Blueprint, host: HttpAdapterHost) =>
      new ServerTimeouts(config.server ?? {}, host),
  },
  { provide: ProblemFilter, useClass: ProblemFilter },
];

/** What the application's own classes may inject. */
export const exported = [BackendClient, Findings, RouteGates];
