import { RedisStoreConfig } from '../redis-store.schema.js';
import { IoredisClient, IoredisLink } from './ioredis-link.js';
import { ReconnectingLink } from './reconnecting-link.js';
import { NodeRedisClient, NodeRedisLink } from './node-redis-link.js';

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
  return library === 'ioredis' || (!library && !(await canImport('redis')))
    ? ioredisClient(config)
    : nodeRedisClient(config);
}

/** Whether a client is one of `ioredis`; that of `redis` has no `status`. */
export function isIoredis(
  client: NodeRedisClient | IoredisClient,
): client is IoredisClient {
  return 'status' in client;
}

async function canImport(library: string): Promise<boolean> {
  return import(library).then(
    () => true,
    () => false,
  );
}

/** A client that is never connected, for its settings. */
async function nodeRedisClient(address: Address): Promise<NodeRedisClient> {
  const { createClient, createCluster, createSentinel } = await import('redis');
  const { url, sentinel, cluster } = address;
  if (cluster) {
    const { username, password } = new URL(cluster[0]);
    return createCluster({
      rootNodes: cluster.map((url) => ({ url })),
      defaults: {
        username: decodeURIComponent(username) || undefined,
        password: decodeURIComponent(password) || undefined,
        socket: cluster[0].startsWith('rediss:') ? { tls: true } : undefined,
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
async function ioredisClient(address: Address): Promise<IoredisClient> {
  const { Cluster, Redis } = await import('ioredis');
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
