import { Script } from '../script.js';
import { INSTANT } from './instant.js';

/**
 * Counts the instances that are alive, the one that asks included.
 *
 * KEYS: the instances, by when they were last heard of. ARGV: the instance, and
 * the milliseconds for which it counts. Reply: how many there are.
 */
export const BEAT = new Script(`${INSTANT}
redis.call('ZADD', KEYS[1], wall, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', wall - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
`);
