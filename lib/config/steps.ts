import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

/** Work that can pause at each `yield` and returns a result. */
export type Steps<Result> = Generator<undefined, Result>;

/** Runs the work to its end without pausing. */
export function runAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** How long one slice of work may block the event loop, in milliseconds. */
const SLICE_MS = 20;

/**
 * Runs the work in slices and lets the event loop serve requests in between.
 * Work that fits into one slice is finished when this function returns its
 * promise.
 *
 * @throws whatever the work throws
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

/** Splits an object into parts of `size` keys. */
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
