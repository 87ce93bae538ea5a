import type { Provider } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Blueprint, drawBlueprint } from '../blueprint.js';
import { Findings } from '../config/findings.js';
import { ThrottleOptions } from '../config/schema/throttle-options.schema.js';
import { ProblemFilter } from '../problem/problem.filter.js';
import { processClock } from '../stores/clock.js';
import { MemoryStore } from '../stores/memory-store.js';
import { OWN_STORE, STORE, THROTTLE_OPTIONS } from './tokens.js';

/** What all else stands on: the checked configuration, the stores, and how problems are answered. */
export const groundProviders: Provider[] = [
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
    provide: OWN_STORE,
    inject: [Blueprint],
    useFactory: ({ config }: Blueprint) =>
      new MemoryStore(processClock, config.maxClients),
  },
  {
    provide: STORE,
    inject: [Blueprint, OWN_STORE],
    useFactory: ({ config }: Blueprint, ownStore: MemoryStore) => {
      const { store, maxClients } = config;
      return store?.open({ clock: processClock, maxClients }) ?? ownStore;
    },
  },
  { provide: ProblemFilter, useClass: ProblemFilter },
];
