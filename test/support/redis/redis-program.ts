import { spawnSync } from 'node:child_process';

/** The server that the tests start. `npm run test:valkey` names Valkey's. */
export const redisProgram = process.env['REDIS_SERVER'] ?? 'redis-server';

/** Whether it is installed. In CI its absence is a failure, not a reason to skip. */
export const hasRedisServer = isInstalled();

function isInstalled(): boolean {
  const found = spawnSync(redisProgram, ['--version']).status === 0;
  if (!found && process.env['CI'] === 'true') {
    throw new Error(
      `${redisProgram} is not installed: the store cannot be tested`,
    );
  }
  if (!found) console.warn(`SKIPPED: ${redisProgram} is not installed`);
  return found;
}
