import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs a command to its end and gives its standard output.
 *
 * @throws Error with all that the command wrote when it failed or took longer than `timeoutMs`
 */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  timeoutMs = 120_000,
  env: Record<string, string> = {},
): Promise<string> {
  try {
    const options = {
      cwd,
      timeout: timeoutMs,
      maxBuffer: 32 * 1024 * 1024,
      env: withoutRunner({ ...process.env, ...env }),
    };
    return (await execute(command, [...args], options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    const said = `${stdout}\n${stderr}`.trim();
    throw new Error(`${command} ${args.join(' ')} failed:\n${said}`, {
      cause: error,
    });
  }
}

/** What our own test runner tells its processes is nothing to those of an application. */
function withoutRunner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = /^(VITEST|NODE_ENV$|NODE_OPTIONS$|TEST$)/;
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !own.test(name)),
  );
}
