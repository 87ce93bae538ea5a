import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The files of `lib` in which any function runs during some work, sorted. */
export async function crossedFiles(
  work: () => Promise<unknown>,
): Promise<string[]> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true });
    await session.post('Profiler.takePreciseCoverage');
    await work();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    return result
      .filter(({ functions }) =>
        functions.some(
          ({ functionName, ranges: [whole] }) =>
            whole.count > 0 && !isExport(functionName, whole),
        ),
      )
      .map(({ url }) => pathOf(url))
      .filter((path) => path.startsWith('lib/'))
      .toSorted();
  } finally {
    session.disconnect();
  }
}

/** The test runner reads each import through a short arrow function of the module that exports it. */
function isExport(
  name: string,
  { startOffset, endOffset }: { startOffset: number; endOffset: number },
): boolean {
  return name === '' && endOffset - startOffset < 60;
}

function pathOf(url: string): string {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  return path.startsWith(ROOT) ? path.slice(ROOT.length) : path;
}
