import { createHash } from 'node:crypto';
import { Argument, Command, RedisLink } from '../link/redis-link.js';

/** A Lua script, known to Redis by its SHA-1. */
export class Script {
  private readonly sha: string;

  constructor(private readonly text: string) {
    this.sha = createHash('sha1').update(text).digest('hex');
  }

  /**
   * Runs it where the first key lives. A server that does not know the script
   * has run nothing, so it is sent the whole of it, once. Nothing else is ever
   * sent twice: what failed otherwise may have counted.
   */
  async run(
    link: RedisLink,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await link.send(keys[0], ['evalsha', this.sha, ...rest]);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      const whole: Command = ['eval', this.text, ...rest];
      return link.send(keys[0], whole);
    }
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** Redis' own time in milliseconds, to the microsecond. */
export const REDIS_TIME = `
local time = redis.call('TIME')
local wall = time[1] * 1000 + time[2] / 1000
`;

/**
 * Does on a key of its own all that a decision does, and leaves nothing there: a
 * server that is full, a replica, or a user who may not do it takes no limits
 * either.
 *
 * KEYS: any. ARGV: a text. Reply: the text, so that no server that answers
 * everything alike passes for one that answered.
 */
export const PROBE = new Script(`${REDIS_TIME}
local ending = string.format('%d', math.ceil(wall + 1000))
redis.call('SET', KEYS[1], 'a', 'PXAT', ending)
redis.call('SETRANGE', KEYS[1], '0', 'b')
redis.call('MGET', KEYS[1])
redis.call('DEL', KEYS[1])
return ARGV[1]
`);

/**
 * Counts the instances that are alive, the one that asks included.
 *
 * KEYS: the instances, by when they were last heard of. ARGV: the instance, the
 * milliseconds for which it counts, and those within which it comes again.
 * Reply: how many there are, and 1 where the instance came again in time. Where
 * it did not, it was away or Redis lost its data, and others may be missing.
 */
export const BEAT = new Script(`${REDIS_TIME}
if redis.call('TYPE', KEYS[1]).ok ~= 'zset' then redis.call('DEL', KEYS[1]) end
local last = redis.call('ZSCORE', KEYS[1], ARGV[1])
local inTime = last and math.abs(wall - last) <= tonumber(ARGV[3])
redis.call('ZADD', KEYS[1], wall, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', wall - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { redis.call('ZCARD', KEYS[1]), inTime and 1 or 0 }
`);

/** Counts an instance no longer. KEYS: the instances. ARGV: the instance. */
export const LEAVE = new Script(`
return redis.call('ZREM', KEYS[1], ARGV[1])
`);
