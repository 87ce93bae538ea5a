import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DurationFault,
  DurationSyntaxError,
  parseDurationMs,
  parseDurationNs,
} from './duration.js';

const NS_PER_UNIT = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  ns: 1n,
};
const LARGEST_NS = 2n ** 63n - 1n;

function faultOf(text: string): DurationSyntaxError {
  try {
    parseDurationNs(text);
  } catch (error) {
    if (error instanceof DurationSyntaxError) return error;
    throw error;
  }
  throw new Error(`${text} is a duration`);
}

/** Every unit in turn, as much of it as fits: the way people write durations. */
function inUnits(ns: bigint): string {
  let rest = ns;
  const terms = Object.entries(NS_PER_UNIT).map(([unit, unitNs]) => {
    const count = rest / unitNs;
    rest %= unitNs;
    return count > 0n ? `${count}${unit}` : '';
  });
  return terms.join('') || '0';
}

describe('parseDurationNs', () => {
  it.each([
    ['0', 0n],
    ['-0', 0n],
    ['1s', 1_000_000_000n],
    ['250ms', 250_000_000n],
    ['1m30s', 90_000_000_000n],
    ['30s1m', 90_000_000_000n],
    ['1s1s', 2_000_000_000n],
    ['.5s', 500_000_000n],
    ['5.s', 5_000_000_000n],
    ['-1.5h', -5_400_000_000_000n],
    ['+3us', 3_000n],
    ['3\u00b5s', 3_000n],
    ['3\u03bcs', 3_000n],
    ['0.9ns', 0n],
    ['1.9ns', 1n],
    ['000000000000000000000000000001s', 1_000_000_000n],
    ['9223372036854775807ns', LARGEST_NS],
    ['-9223372036854775808ns', -(2n ** 63n)],
  ])('parses %j as %d ns', (text, ns) => {
    expect(parseDurationNs(text)).toBe(ns);
  });

  it.each<[string, DurationFault]>([
    ['', 'invalid'],
    ['+', 'invalid'],
    ['.', 'invalid'],
    ['.s', 'invalid'],
    ['s', 'invalid'],
    [' 1s', 'invalid'],
    ['--1s', 'invalid'],
    ['١s', 'invalid'],
    ['9223372036854775808ns', 'invalid'],
    ['-9223372036854775809ns', 'invalid'],
    ['9223372036854775807ns1ns', 'invalid'],
    ['9223372036854775807ns2ns', 'invalid'],
    ['-9223372036854775808ns1ns', 'invalid'],
    ['10000000000000000000h', 'invalid'],
    ['10', 'missing-unit'],
    ['1s5', 'missing-unit'],
    ['00', 'missing-unit'],
  ])('rejects %j: %s', (text, fault) => {
    const error = faultOf(text);
    expect(error.fault).toBe(fault);
    expect(error.text).toBe(text);
    expect(error.unit).toBeUndefined();
  });

  it.each([
    ['1d', 'd'],
    ['1S', 'S'],
    ['1 s', ' s'],
    ['1h 30m', 'h '],
    ['1e3s', 'e'],
    ['1s\n', 's\n'],
  ])('rejects %j: %j is not a unit', (text, unit) => {
    const error = faultOf(text);
    expect(error.fault).toBe('unknown-unit');
    expect(error.unit).toBe(unit);
    expect(error.message).toContain(JSON.stringify(unit));
  });

  it('says what is wrong and what to write', () => {
    expect(faultOf('10').message).toBe(
      '"10" is not a duration: a number needs a unit (ns, us, µs, ms, s, m or h). See nestjs-floodgate/docs/errors.md#durationsyntaxerror',
    );
    expect(faultOf('soon').message).toContain('"1m30s"');
  });

  it('parses back every duration written in whole units', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: LARGEST_NS }), (ns) => {
        expect(parseDurationNs(inUnits(ns))).toBe(ns);
        expect(parseDurationNs(`+${inUnits(ns)}`)).toBe(ns);
        expect(parseDurationNs(`-${inUnits(ns)}`)).toBe(-ns);
      }),
      { numRuns: 500 },
    );
  });

  it('parses back every duration written as fractional seconds', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: LARGEST_NS }), (ns) => {
        const digits = ns.toString().padStart(10, '0');
        const text = `${digits.slice(0, -9)}.${digits.slice(-9)}s`;
        expect(parseDurationNs(text)).toBe(ns);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseDurationMs', () => {
  it('keeps fractions of a millisecond', () => {
    expect(parseDurationMs('1.5ms')).toBe(1.5);
    expect(parseDurationMs('250ns')).toBe(0.00025);
    expect(parseDurationMs('1h')).toBe(3_600_000);
    expect(parseDurationMs('-2s')).toBe(-2_000);
  });

  it('rejects anything that is not a duration', () => {
    expect(() => parseDurationMs('1 second')).toThrow(DurationSyntaxError);
  });
});
