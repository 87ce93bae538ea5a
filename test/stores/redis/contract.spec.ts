import { afterAll, beforeAll, describe } from 'vitest';
import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { createClient, createCluster } from 'redis';
import {
  HandClock,
  itIsAStore,
} from '../../../lib/stores/bucket-store.fixture.js';
import { RedisStoreOptions } from '../../../lib/stores/redis/redis-store.schema.js';
import { RedisStore } from '../../../lib/stores/redis/store.js';
import { RedisCluster } from '../../support/redis/redis-cluster.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { openStoreAt } from './open-store.js';

type Clients = Record<string, (urls: string[]) => RedisStoreOptions>;

/** Clients that are never connected: they lend their settings. */
const single: Clients = {
  'redis 6': ([url]) => ({ client: createClient({ url }) }),
  'ioredis 6': ([url]) => ({ client: new Redis(url, { lazyConnect: true }) }),
  'ioredis 5': ([url]) => ({ client: new Redis5(url, { lazyConnect: true }) }),
  'redis, by its address': ([url]) => ({ url }),
  'ioredis, by its address': ([url]) => ({ url, library: 'ioredis' }),
};

const clustered: Clients = {
  'redis 6': (urls) => ({
    client: createCluster({ rootNodes: urls.map((url) => ({ url })) }),
  }),
  'ioredis 6': (urls) => ({ client: new Cluster(urls, { lazyConnect: true }) }),
  'ioredis 5': (urls) => ({
    client: new Cluster5(urls, { lazyConnect: true }),
  }),
  'redis, by addresses': (urls) => ({ cluster: urls }),
  'ioredis, by addresses': (urls) => ({ cluster: urls, library: 'ioredis' }),
};

/** Each suite has keys of its own: they share a server. */
const prefixOf = (name: string) => name.replaceAll(/[^a-z\d]/g, '-');

function storesOf(clients: Clients, urls: () => string[]): void {
  describe.each(Object.entries(clients))('over %s', (name, options) => {
    // Like Redis' own: large, so that its last bits are few.
    const clock: HandClock = { nowMs: 1_789_000_000_000.25 };
    let store: RedisStore;
    beforeAll(async () => {
      const prefix = prefixOf(name);
      store = await openStoreAt(
        { ...options(urls()), prefix },
        () => clock.nowMs,
      );
    });
    afterAll(() => store?.onApplicationShutdown());
    itIsAStore(() => store, clock);
  });
}

describe.runIf(hasRedisServer)('the store on a single Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());
  storesOf(single, () => [server.url]);
});

describe.runIf(hasRedisServer)('the store on a Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster?.stop());
  storesOf(clustered, () => cluster.urls);
});
