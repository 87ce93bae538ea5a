import { seeDocs } from '../docs-address.js';

/** Why a string isn't a duration. */
export type DurationFault = 'invalid' | 'missing-unit' | 'unknown-unit';

const NS_PER_UNIT: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n], // micro sign
  ['\u03bcs', 1_000n], // Greek mu
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const NS_PER_MS = 1_000_000;
const LARGEST = 2n ** 63n;

/** A string that isn't a duration in Go's format: what it was and what is wrong with it. */
export class DurationSyntaxError extends Error {
  override readonly name = 'DurationSyntaxError';

  constructor(
    readonly text: string,
    readonly fault: DurationFault,
    readonly unit?: string,
  ) {
    const see = seeDocs('errors', 'DurationSyntaxError');
    super(
      `${JSON.stringify(text)} is not a duration: ${explain(fault, unit)}. ${see}`,
    );
  }
}

function explain(fault: DurationFault, unit: string | undefined): string {
  const units = 'ns, us, µs, ms, s, m or h';
  switch (fault) {
    case 'missing-unit':
      return `a number needs a unit (${units})`;
    case 'unknown-unit':
      return `${JSON.stringify(unit)} is no unit (${units})`;
    case 'invalid':
      return 'write numbers with units, such as "250ms", "1m30s" or ".5s"';
  }
}

/**
 * Parses a duration into nanoseconds.
 *
 * The format is that of Go's `time.ParseDuration`: an optional sign, then one
 * or more decimal numbers with a unit each (`1m30s`, `.5s`, `250ms`), or a bare
 * `0`. Fractions are truncated to whole nanoseconds.
 *
 * @throws DurationSyntaxError if the text isn't a duration or exceeds ±2^63 ns
 * @example
 * ```ts
 * parseDurationNs('1m30s'); // 90_000_000_000n
 * ```
 */
export function parseDurationNs(text: string): bigint {
  const sign = /^[+-]?/.exec(text)![0];
  const body = text.slice(sign.length);
  if (body === '0') return 0n;
  if (body === '') throw new DurationSyntaxError(text, 'invalid');

  let total = 0n;
  let rest = body;
  while (rest !== '') {
    const term = readTerm(text, rest);
    total += term.ns;
    if (total > LARGEST) throw new DurationSyntaxError(text, 'invalid');
    rest = rest.slice(term.length);
  }
  if (sign === '-') return -total;
  if (total === LARGEST) throw new DurationSyntaxError(text, 'invalid');
  return total;
}

/**
 * Parses a duration into milliseconds, including fractions.
 *
 * @throws DurationSyntaxError as {@link parseDurationNs} does
 * @example
 * ```ts
 * parseDurationMs('.5s'); // 500
 * ```
 */
export function parseDurationMs(text: string): number {
  return Number(parseDurationNs(text)) / NS_PER_MS;
}

function readTerm(text: string, rest: string): { ns: bigint; length: number } {
  const number = /^(\d*)(?:\.(\d*))?/.exec(rest)!;
  const [matched, whole, fraction = ''] = number;
  if (whole === '' && fraction === '') {
    throw new DurationSyntaxError(text, 'invalid');
  }
  const count = BigInt(whole || '0');
  if (count > LARGEST) throw new DurationSyntaxError(text, 'invalid');

  const unit = /^[^\d.]*/.exec(rest.slice(matched.length))![0];
  if (unit === '') throw new DurationSyntaxError(text, 'missing-unit');
  const unitNs = NS_PER_UNIT.get(unit);
  if (unitNs === undefined) {
    throw new DurationSyntaxError(text, 'unknown-unit', unit);
  }
  const ns = count * unitNs + fractionNs(fraction, unitNs);
  if (ns > LARGEST) throw new DurationSyntaxError(text, 'invalid');
  return { ns, length: matched.length + unit.length };
}

/**
 * Go reads as many digits of a fraction as fit an int64 and scales them as a
 * double; equal results need the same steps in the same order.
 */
function fractionNs(digits: string, unitNs: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (LARGEST - 1n) / 10n || next > LARGEST) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unitNs) / scale)));
}
