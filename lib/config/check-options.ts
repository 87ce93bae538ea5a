import { check, Fault } from './fault.js';
import { isObject } from './values.js';
import {
  throttleOptions,
  ThrottleConfig,
} from './schema/throttle-options.schema.js';
import { partsOf, Steps } from './steps.js';

/** The number of routes or backends to check before yielding. */
const PART = 250;

/** Validates the options of the application. Large sets of routes or backends are validated in parts. */
export function* checkOptions(
  options: unknown,
  faults: Fault[],
): Steps<ThrottleConfig | undefined> {
  const { routes, backends } = isObject(options) ? options : {};
  if (!isLarge(routes) && !isLarge(backends)) {
    return check(throttleOptions, options, '', faults);
  }
  const written = options as Record<string, unknown>;
  const found: Fault[] = [];
  const config = check(throttleOptions, without(written), '', found);
  const { store } = written;
  const ofRoutes = yield* checkParts(routes, (part) =>
    check(throttleOptions, { routes: part }, '', found),
  );
  const ofBackends = yield* checkParts(backends, (part) =>
    check(throttleOptions, { store, backends: part }, '', found),
  );
  faults.push(...once(found));
  if (!config || found.length > 0) return undefined;
  return {
    ...config,
    routes: merged(ofRoutes.map((part) => part.routes)),
    backends: merged(ofBackends.map((part) => part.backends)),
  };
}

function isLarge(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length > PART;
}

function without(options: Record<string, unknown>): Record<string, unknown> {
  const rest = { ...options };
  delete rest.routes;
  delete rest.backends;
  return rest;
}

function* checkParts(
  written: unknown,
  checkPart: (part: unknown) => ThrottleConfig | undefined,
): Steps<ThrottleConfig[]> {
  if (written === undefined) return [];
  const checked: ThrottleConfig[] = [];
  const parts = isObject(written) ? partsOf(written, PART) : [written];
  for (const part of parts) {
    const config = checkPart(part);
    if (config) checked.push(config);
    yield;
  }
  return checked;
}

function merged<Value>(
  parts: readonly Record<string, Value>[],
): Record<string, Value> {
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)));
}

/** Removes duplicates: every part reports the same fault of the store. */
function once(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((fault) => [fault.path, fault])).values()];
}
