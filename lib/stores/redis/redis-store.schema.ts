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
const text = z.string({ error: 'a text' });

const sentinel = strictOptions(() => ({
  /** The name under which Sentinel knows the master. */
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
  /** The share of a bucket's capacity that an instance may hold ahead of its requests; above 0 and at most 1. Default 0.05. */
  share: orDefault(
    z
      .number({ error: SHARE })
      .check(z.gt(0, { error: SHARE }), z.maximum(1, { error: SHARE })),
    0.05,
  ),
  /** How long it may hold it before it gives it back. Default 100ms. */
  life: orDefault(timerDuration, 100),
}));

/** The options of `redisStore`. */
export const redisStoreOptions = strictOptions(
  () => ({
    /** A client of `redis` 6 or `ioredis` 5 or 6, for one server, Sentinel or Cluster. It lends its settings to a connection of the store's own, and is neither used nor closed. */
    client: z.optional(
      z.custom<RedisClient>(looksLikeClient, { error: CLIENT }),
    ),
    /** Instead of a client: the address of one server. */
    url: z.optional(redisUrl),
    /** Instead of a client: who asks Sentinel for the master. */
    sentinel: z.optional(sentinel),
    /** Instead of a client: addresses of some nodes of a Cluster. */
    cluster: z.optional(
      z
        .array(redisUrl, { error: 'a list of URLs' })
        .check(z.minLength(1, { error: 'at least one URL' })),
    ),
    /** Which client to use where none is given. Default: `redis` where it is installed, else `ioredis`. */
    library: z.optional(
      z.enum(['redis', 'ioredis'], { error: '"redis" or "ioredis"' }),
    ),
    /** What every key begins with; applications of one prefix share buckets of one name. Default floodgate. */
    prefix: orDefault(name, 'floodgate'),
    /** Whether keys of header fields and functions stand in Redis as hashes: they may be credentials, and listings, dumps and replicas show them. Default true. */
    hashKeys: orDefault(flag, true),
    /** What those hashes are keyed with, the same for all instances: without it, whoever knows the prefix can find out whether a key that they guess is there. Default: the prefix. */
    keySecret: z.optional(text),
    /** The longest a decision waits for Redis. Default 50ms. */
    decisionBudget: orDefault(timerDuration, 50),
    /** How requests are decided while Redis does not answer: each instance enforces its share, all pass, or all get 503. Default local. */
    onStoreFailure: orDefault(
      z.enum(['local', 'open', 'closed'], {
        error: '"local", "open" or "closed"',
      }),
      'local',
    ),
    /** How many instances share a limit with `local` until they have been counted. Default 1. */
    instances: orDefault(count, 1),
    /** Takes tokens of busy buckets in batches, and decides without a trip while they last. `{}` for its defaults. Default: none. */
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
