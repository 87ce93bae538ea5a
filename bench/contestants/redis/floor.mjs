import { ioredis, nodeRedis } from './connections.mjs';

const scripts = {
  /** The least that a decision in Redis can be: name a client, run a script, read a number. */
  trivial: 'return 1',
  /** The least that a bucket for each key can be: read and written, nothing computed. */
  touching: `
for _, key in ipairs(KEYS) do
  redis.call('SET', key, redis.call('GET', key) or '1', 'PX', 60000)
end
return 1`,
};

export async function decider({ port, library, script = 'trivial' }) {
  const send = await sender(port, library);
  const sha = await send(['SCRIPT', 'LOAD', scripts[script]]);
  const isAdmitted = (reply) => reply === 1;
  const run = (...keys) =>
    send(['EVALSHA', sha, String(keys.length), ...keys]).then(isAdmitted);
  return script === 'trivial' ? run : (key) => run('floor', key);
}

async function sender(port, library) {
  if (library === 'redis') {
    const client = await nodeRedis(port);
    return (command) => client.sendCommand(command);
  }
  const client = await ioredis(port);
  return (command) => client.call(...command);
}
