import type { Provider } from '@nestjs/common';
import { Blueprint } from '../blueprint.js';
import { BackendClient } from '../proxy/backend-client.js';
import { HttpBackend } from '../proxy/http-backend.js';
import { transportOf } from '../proxy/transport/transports.js';
import { BucketStore } from '../stores/bucket-store.js';
import { processClock } from '../stores/clock.js';
import { OWN_STORE, STORE } from './tokens.js';

/** The backends. */
export const proxyProviders: Provider[] = [
  {
    provide: BackendClient,
    inject: [Blueprint, STORE, OWN_STORE],
    useFactory: async (
      { backends, entries }: Blueprint,
      sharedStore: BucketStore,
      ownStore: BucketStore,
    ) => {
      const made = new Map<string, HttpBackend>();
      for (const [name, config] of backends) {
        const open = await transportOf(name, config);
        const store = config.rateLimit?.shared ? sharedStore : ownStore;
        made.set(
          name,
          new HttpBackend(
            name,
            config,
            store,
            processClock,
            open,
            sharedStore.fleet,
          ),
        );
      }
      for (const entry of entries)
        made.get(entry.entry.backend)?.guard.addEntry(entry);
      return new BackendClient(made);
    },
  },
];
