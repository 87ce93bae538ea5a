import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

/** Work that can pause wherever it yields, and gives its result in the end. */
export type Steps<Result> = Generator<undefined, Result>;

/** Does all of it at once. */
export function runAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** How long a slice of work may hold up everything else, in milliseconds. */
const SLICE_MS = 20;

/**
 * Does it in slices, between which the event loop serves whoever waits; work
 * that fits into one slice is done when this returns.
 *
 * @throws what the work throws
 */
export async function runInSlices<Result>(
  steps: Steps<Result>,
): Promise<Result> {
  let sliceEndsMs = performance.now() + SLICE_MS;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < sliceEndsMs) continue;
    await setImmediate();
    sliceEndsMs = performance.now() + SLICE_MS;
  }
}

/** An object in parts of so many keys. */
export function* partsOf<Value>(
  record: Readonly<Record<string, Value>>,
  size: number,
): Generator<Record<string, Value>, void> {
  let part: [string, Value][] = [];
  for (const key of Object.keys(record)) {
    part.push([key, record[key]]);
    if (part.length < size) continue;
    yield Object.fromEntries(part);
    part = [];
  }
  if (part.length > 0) yield Object.fromEntries(part);
}
