import { setImmediate } from 'node:timers/promises';

/** How long a slice of work may hold up everything else, in milliseconds. */
const SLICE_MS = 40;

/** Does all steps of a work at once. */
export function runAtOnce<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Does steps in slices, with room for requests between them; a work that fits into one slice is done when this returns. */
export async function runInSlices<Result>(
  steps: Generator<undefined, Result>,
): Promise<Result> {
  let until = performance.now() + SLICE_MS;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < until) continue;
    await setImmediate();
    until = performance.now() + SLICE_MS;
  }
}
