import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));

export interface ConformanceRun {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the replay in a process of its own, as `npm run conformance` does. */
export function runConformance(
  ...args: readonly string[]
): Promise<ConformanceRun> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [RUN, ...args], (_, out, err) =>
      resolve({ exitCode: child.exitCode ?? NaN, out, err }),
    );
  });
}
