import * as z from 'zod/mini';
import {
  count,
  flag,
  name,
  timerDuration,
} from '../../config/schema/figures.js';
import {
  orDefault,
  strictOptions,
} from '../../config/schema/strict-options.js';
import type { IoredisClient } from './link/ioredis-link.js';
import type { NodeRedisClient } from './link/node-redis-link.js';

const CLIENT = 'a client of "redis" 6 or of "ioredis" 5 or 6';
const URLS = 'a URL such as "redis://localhost:6379"';

/** A client of either library: of one server, of Sentinel or of a Cluster. */
export type RedisClient = NodeRedisClient | IoredisClient;

const redisUrl = z.url({ protocol: /^rediss?$/, error: URLS });
const text = z.string({ error: 'a string' });

const sentinel = strictOptions(() => ({
  /** The name of the master in Sentinel. */
  name: text,
  /** Addresses of the sentinels. */
  nodes: z
    .array(
      strictOptions(() => ({ host: text, port: count })),
      {
        error: 'a list of { host, port }',
      },
    )
    .check(z.minLength(1, { error: 'at least one { host, port }' })),
  /** User of the master. */
  username: z.optional(text),
  /** Password of the master. */
  password: z.optional(text),
  /** Database of the master. Default 0. */
  database: z.optional(
    z.int({ error: 'a whole number from 0' }).check(z.minimum(0)),
  ),
}));

const SHARE = 'a number above 0 and at most 1';

const lease = strictOptions(() => ({
  /** The share of a bucket's capacity that an instance may hold in advance; above 0 and at most 1. Default 0.05. */
  share: orDefault(
    z
      .number({ error: SHARE })
      .check(z.gt(0, { error: SHARE }), z.maximum(1, { error: SHARE })),
    0.05,
  ),
  /** How long an instance may hold tokens before it returns them. Default 100ms. */
  life: orDefault(timerDuration, 100),
}));

/** The options of `redisStore`. */
export const redisStoreOptions = strictOptions(
  () => ({
    /** A client of `redis` 6 or `ioredis` 5 or 6, for one server, Sentinel or Cluster. The store copies its settings for a connection of its own; the client itself is neither used nor closed. */
    client: z.optional(
      z.custom<RedisClient>(looksLikeClient, { error: CLIENT }),
    ),
    /** The URL of one server, instead of a client. */
    url: z.optional(redisUrl),
    /** Sentinels to ask for the master, instead of a client. */
    sentinel: z.optional(sentinel),
    /** Addresses of some nodes of a Cluster, instead of a client. */
    cluster: z.optional(
      z
        .array(redisUrl, { error: 'a list of URLs' })
        .check(z.minLength(1, { error: 'at least one URL' })),
    ),
    /** Which client library to use when no client is given. Default: `redis` if installed, else `ioredis`. */
    library: z.optional(
      z.enum(['redis', 'ioredis'], { error: '"redis" or "ioredis"' }),
    ),
    /** The prefix of every key. Applications with the same prefix share buckets of the same name. Default floodgate. */
    prefix: orDefault(name, 'floodgate'),
    /** Whether client keys from headers and functions are hashed in Redis. They may be credentials, and key listings, dumps and replicas show them. Default true. */
    hashKeys: orDefault(flag, true),
    /** The secret of these hashes, the same for all instances. Without it, anyone who knows the prefix can test whether a guessed key exists. Default: the prefix. */
    keySecret: z.optional(text),
    /** The longest that a decision waits for Redis. Default 50ms. */
    decisionBudget: orDefault(timerDuration, 50),
    /** What to do while Redis does not respond: `local` enforces this instance's share, `open` admits every request, `closed` refuses every request with 503. Default local. */
    onStoreFailure: orDefault(
      z.enum(['local', 'open', 'closed'], {
        error: '"local", "open" or "closed"',
      }),
      'local',
    ),
    /** The number of instances assumed by `local` until they have been counted. Default 1. */
    instances: orDefault(count, 1),
    /** Takes tokens of busy buckets in batches and decides locally while they last; `{}` for the defaults. Default: no leases. */
    lease: z.optional(lease),
  }),
  z.superRefine((options, ctx) => {
    const ways = ['client', 'url', 'sentinel', 'cluster'] as const;
    const given = ways.filter((way) => options[way] !== undefined);
    if (given.length === 1) return;
    ctx.addIssue({
      code: 'custom',
      message: `one of ${ways.join(', ')}`,
      input: given.length === 0 ? 'none of them' : given.join(' and '),
      params: { isOurs: true },
    });
  }),
);

function looksLikeClient(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!('duplicate' in value && 'connect' in value)) return false;
  return 'call' in value || 'sendCommand' in value;
}

/** What `redisStore` takes. */
export type RedisStoreOptions = z.input<typeof redisStoreOptions>;
/** What the options say, with durations in milliseconds and defaults filled in. */
export type RedisStoreConfig = z.output<typeof redisStoreOptions>;
