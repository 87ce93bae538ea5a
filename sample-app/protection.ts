import type { ThrottleOptions } from 'nestjs-floodgate';

/** Where the storefront's backends live. */
export interface BackendUrls {
  catalog: string;
  prices: string;
}

/** Everything that protects the storefront and its backends, apart from the decorators. */
export function protection(urls: BackendUrls): ThrottleOptions {
  return {
    // A customer waits no longer than this; backend calls inherit what is left of it.
    timeout: '2s',

    // Limits that have a name, for `@RouterRateLimit('search')`.
    policies: {
      search: { maxRate: 10, capacity: 10 },
    },

    backends: {
      catalog: {
        hosts: [urls.catalog],
        rateLimit: { maxRate: 40, every: '1s', capacity: 40 },
        circuitBreaker: {
          maxErrors: 5,
          interval: '60s',
          timeout: '5s',
          logStatusChange: true,
        },
        timeout: '1.5s',
      },

      // A third party, with a smaller contract and less patience for it.
      prices: {
        hosts: [urls.prices],
        rateLimit: { maxRate: 20, every: '1s', capacity: 20 },
        circuitBreaker: {
          maxErrors: 3, // failures in a row that open it
          interval: '60s', // and within this time
          timeout: '1.5s', // stays open so long, then lets one probe through
          logStatusChange: true,
        },
        timeout: '1s', // queue, connect, headers and body together
      },
    },

    server: { readHeaderTimeout: '5s', idleTimeout: '65s' },
  };
}
