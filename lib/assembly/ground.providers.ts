import type { Provider } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Findings } from '../config/findings.js';
import type { ThrottleOptions } from '../config/schema/throttle-options.schema.js';
import { applicationClasses } from '../discovery/application-classes.js';
import { ProblemFilter } from '../problem/problem.filter.js';
import { runAtOnce } from '../config/steps.js';
import { ResolvedConfig, resolveConfig } from '../resolve-config.js';
import { processClock } from '../stores/clock.js';
import { MemoryStore } from '../stores/memory-store.js';
import { OWN_STORE, STORE, THROTTLE_OPTIONS } from './tokens.js';

/** What all else stands on: the checked configuration, the stores, and how problems are answered. */
export const groundProviders: Provider[] = [
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
