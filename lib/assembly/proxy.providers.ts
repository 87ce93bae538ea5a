import type { Provider } from '@nestjs/common';
import { ResolvedConfig } from '../resolve-config.js';
import { BackendClient } from '../proxy/backend-client.js';
import { BackendRuntime } from '../proxy/backend-runtime.js';
import { HttpBackend } from '../proxy/http-backend.js';
import { transportOf } from '../proxy/transport/transports.js';
import { BucketStore } from '../stores/bucket-store.js';
import { processClock } from '../stores/clock.js';
import { OWN_STORE, STORE } from './tokens.js';

/** The backends. */
export const proxyProviders: Provider[] = [
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
      // They listen to what other instances tell of them from the start.
      if (fleet) for (const name of makers.keys()) client.backend(name);
      return client;
    },
  },
];
