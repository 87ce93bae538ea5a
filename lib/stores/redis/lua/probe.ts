import { Script } from '../script.js';

/** Writes what is gone at once: a server that is full, or a replica, takes no limits either. KEYS: any. */
export const PROBE = new Script(`
redis.call('SET', KEYS[1], '', 'PX', 1)
return ''
`);
