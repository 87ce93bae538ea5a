import {
  Fault,
  ThrottleConfigError,
  isNotInstalled,
} from '../../../config/fault.js';
import { RedisStoreConfig } from '../redis-store.schema.js';
import { IoredisClient, IoredisLink } from './ioredis-link.js';
import { ReconnectingLink } from './reconnecting-link.js';
import {
  NodeRedisClient,
  NodeRedisLink,
  PROMPT_CONNECTION,
} from './node-redis-link.js';

type Address = Pick<RedisStoreConfig, 'url' | 'sentinel' | 'cluster'>;

/**
 * Opens the connection that the options describe. A client that was given lends
 * its settings alone: it is neither used nor closed.
 */
export async function openLink(
  config: RedisStoreConfig,
): Promise<ReconnectingLink> {
  const client = config.client ?? (await clientOf(config));
  return new ReconnectingLink(() =>
    isIoredis(client) ? new IoredisLink(client) : new NodeRedisLink(client),
  );
}

async function clientOf(
  config: RedisStoreConfig,
): Promise<NodeRedisClient | IoredisClient> {
  const { library } = config;
  if (library !== 'ioredis') {
    const redis = await importRedis();
    if (redis) return nodeRedisClient(redis, config);
  }
  if (library !== 'redis') {
    const ioredis = await importIoredis();
    if (ioredis) return ioredisClient(ioredis, config);
  }
  throw new ThrottleConfigError([noClient(library)]);
}

// Bundlers see a package that stands in the import by name, and leave out one
// that is not installed where they see that the import may fail.
async function importRedis() {
  try {
    return await import('redis');
  } catch (error) {
    return nothingIfNotInstalled(error, 'redis');
  }
}

async function importIoredis() {
  try {
    return await import('ioredis');
  } catch (error) {
    return nothingIfNotInstalled(error, 'ioredis');
  }
}

function nothingIfNotInstalled(error: unknown, name: string): undefined {
  if (!isNotInstalled(error, name)) throw error;
}

function noClient(library: RedisStoreConfig['library']): Fault {
  const command = `npm install ${library ?? 'redis'}`;
  return {
    path: 'store',
    found: library
      ? `library "${library}", which is not installed`
      : 'neither the package "redis" nor the package "ioredis" installed',
    allowed: library
      ? `what is installed: ${command}`
      : `a client of Redis: ${command}, or npm install ioredis`,
  };
}

/** Whether a client is one of `ioredis`; that of `redis` has no `status`. */
export function isIoredis(
  client: NodeRedisClient | IoredisClient,
): client is IoredisClient {
  return 'status' in client;
}

/** A client that is never connected, for its settings. */
function nodeRedisClient(
  { createClient, createCluster, createSentinel }: typeof import('redis'),
  address: Address,
): NodeRedisClient {
  const { url, sentinel, cluster } = address;
  if (cluster) {
    const { username, password } = new URL(cluster[0]);
    return createCluster({
      rootNodes: cluster.map((url) => ({ url })),
      defaults: {
        ...PROMPT_CONNECTION,
        username: decodeURIComponent(username) || undefined,
        password: decodeURIComponent(password) || undefined,
        socket: {
          ...PROMPT_CONNECTION.socket,
          ...(cluster[0].startsWith('rediss:') ? { tls: true } : {}),
        },
      },
    });
  }
  if (sentinel) {
    const { name, nodes, username, password, database } = sentinel;
    return createSentinel({
      name,
      sentinelRootNodes: nodes,
      nodeClientOptions: { username, password, database },
    });
  }
  return createClient({ url });
}

/** A client that is never connected, for its settings. */
function ioredisClient(
  { Cluster, Redis }: Pick<typeof import('ioredis'), 'Cluster' | 'Redis'>,
  address: Address,
): IoredisClient {
  const { url, sentinel, cluster } = address;
  const lazyConnect = true;
  if (cluster) {
    const { username, password, protocol } = new URL(cluster[0]);
    return new Cluster(cluster.slice(), {
      lazyConnect,
      redisOptions: {
        username: decodeURIComponent(username) || undefined,
        password: decodeURIComponent(password) || undefined,
        tls: protocol === 'rediss:' ? {} : undefined,
      },
    });
  }
  if (sentinel) {
    const { name, nodes, username, password, database } = sentinel;
    return new Redis({
      lazyConnect,
      name,
      sentinels: nodes.slice(),
      username,
      password,
      db: database,
    });
  }
  return new Redis(url!, { lazyConnect });
}
