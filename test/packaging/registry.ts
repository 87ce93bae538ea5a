import { tmpdir } from 'node:os';
import { run } from './command.js';

/**
 * Whether packages can be installed here. Where CI is set they must be; on a
 * machine without a network the suite says so and stands aside.
 */
export async function packagesCanBeInstalled(): Promise<boolean> {
  if (process.env.CI) return true;
  const look = ['view', '@nestjs/core', 'version', '--prefer-offline'];
  try {
    await run('npm', [...look, '--fetch-retries=0'], tmpdir(), 20_000);
    return true;
  } catch (error) {
    console.error(
      `\nNOT TESTED: the packed library in applications of its own,\nbecause the npm registry does not answer.\n${String(error)}\n`,
    );
    return false;
  }
}
