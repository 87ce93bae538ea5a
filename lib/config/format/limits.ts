import { BackendLimit } from '../schema/backend-limit.schema.js';
import { RouterLimit } from '../schema/router-limit.schema.js';

const UNITS: readonly [text: string, ns: bigint][] = [
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
];

/** Formats nanoseconds in the largest unit that needs no fraction: `90s`, `250ms`. */
export function durationText(ns: bigint): string {
  if (ns === 0n) return '0s';
  const [unit, size] = UNITS.find(([, size]) => ns % size === 0n) ?? ['ns', 1n];
  return `${ns / size}${unit}`;
}

/** Formats milliseconds as a duration: `1500ms`, `2s`. */
export function msText(ms: number): string {
  return ms === Infinity ? 'ever' : durationText(BigInt(Math.round(ms * 1e6)));
}

/** Formats a rate with at most three decimals. */
export function figure(value: number): string {
  return value >= 0.001 || value === 0
    ? String(Math.round(value * 1000) / 1000)
    : value.toPrecision(2);
}

/** Formats a bucket: `100/1m (1.667/s), capacity 1`. */
export function bucketText(
  maxRate: number,
  everyMs: number,
  capacity = 1,
): string {
  const perSecond =
    everyMs === 1000
      ? `${figure(maxRate)}/s`
      : `${figure(maxRate)}/${msText(everyMs)} (${figure((maxRate * 1000) / everyMs)}/s)`;
  return `${perSecond}, capacity ${capacity}`;
}

export function endpointLimitText(limit: RouterLimit): string | undefined {
  const { maxRate, everyMs, capacity, tiers } = limit;
  if (tiers) return `${tiers.length} tiers`;
  return maxRate === undefined
    ? undefined
    : bucketText(maxRate, everyMs, capacity);
}

export function clientLimitText(limit: RouterLimit): string | undefined {
  const { clientMaxRate, everyMs, clientCapacity } = limit;
  return clientMaxRate === undefined
    ? undefined
    : `${bucketText(clientMaxRate, everyMs, clientCapacity)}, by ${clientText(limit)}`;
}

/** Formats how clients are identified: `ip`, `header x-user`. */
export function clientText({ strategy = 'ip', key }: RouterLimit): string {
  if (typeof strategy === 'function') return strategy.name || 'a function';
  return key === undefined ? strategy : `${strategy} ${key}`;
}

export function backendLimitText({
  maxRate,
  everyMs,
  capacity,
}: BackendLimit): string {
  return bucketText(maxRate, everyMs, capacity);
}
