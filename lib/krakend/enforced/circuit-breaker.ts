import { fieldOf, numberAt, Section } from './go-value.js';

/** A breaker as KrakenD enforces it. */
export interface EnforcedBreaker {
  /** The number of consecutive failures that opens it: one more than `max_errors`. */
  readonly opensOnFailure: number;
  /** How long failures count; 0 means for ever. */
  readonly intervalNs: bigint;
  /** How long it stays open. */
  readonly timeoutNs: bigint;
  readonly name: string;
  readonly logStatusChange: boolean;
}

/** The names of a breaker's fields, which changed in KrakenD 2. */
export interface BreakerFields {
  readonly maxErrors: string;
  readonly logStatusChange: string;
}

export const BREAKER_FIELDS: BreakerFields = {
  maxErrors: 'max_errors',
  logStatusChange: 'log_status_change',
};
export const BREAKER_FIELDS_OF_1: BreakerFields = {
  maxErrors: 'maxErrors',
  logStatusChange: 'logStatusChange',
};

const DEFAULT_TIMEOUT_NS = 60_000_000_000n;

/** The breaker that KrakenD enforces for a section; `undefined` if all its fields are empty or zero. */
export function enforcedBreaker(
  section: Section,
  fields = BREAKER_FIELDS,
): EnforcedBreaker | undefined {
  const interval = int64At(section, 'interval');
  const timeout = int64At(section, 'timeout');
  const maxErrors = int64At(section, fields.maxErrors);
  const name = stringAt(section, 'name');
  const logStatusChange = fieldOf(section, fields.logStatusChange) === true;
  const isEmpty =
    interval === 0n && timeout === 0n && maxErrors === 0n && name === '';
  if (isEmpty && !logStatusChange) return undefined;
  const intervalNs = secondsInNs(interval);
  const timeoutNs = secondsInNs(timeout);
  return {
    opensOnFailure: Number(BigInt.asUintN(32, maxErrors)) + 1,
    intervalNs: intervalNs > 0n ? intervalNs : 0n,
    timeoutNs: timeoutNs > 0n ? timeoutNs : DEFAULT_TIMEOUT_NS,
    name,
    logStatusChange,
  };
}

const LOWEST_INT64 = -(2n ** 63n);

/** Truncates a number to an int64. A number out of range becomes the lowest int64, as on amd64. */
function int64At(section: Section, field: string): bigint {
  const whole = Math.trunc(numberAt(section, field));
  return Math.abs(whole) < 2 ** 63 ? BigInt(whole) : LOWEST_INT64;
}

/** Wraps around on overflow, like an int64 in Go. */
function secondsInNs(seconds: bigint): bigint {
  return BigInt.asIntN(64, seconds * 1_000_000_000n);
}

function stringAt(section: Section, field: string): string {
  const value = fieldOf(section, field);
  return typeof value === 'string' ? value : '';
}
