import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DurationSyntaxError, parseDurationNs } from './duration.js';

const TAMED = ['read', 'refused'];

/** What became of `text`: read into a length that Go could hold, refused as what it is, or something worse. */
function fateOf(text: string): string {
  try {
    const ns = parseDurationNs(text);
    return ns >= -(2n ** 63n) && ns < 2n ** 63n ? 'read' : `${ns} ns`;
  } catch (error) {
    if (!(error instanceof DurationSyntaxError)) return String(error);
    return error.text === text ? 'refused' : `refused for ${error.text}`;
  }
}

const nearlyDurations = fc
  .array(
    fc.oneof(
      fc.constantFrom('+', '-', '.', ' ', '\0', 'e', '_', ',', '\u2028'),
      fc.constantFrom('ns', 'us', '\u00b5s', '\u03bcs', 'ms', 's', 'm', 'h'),
      fc.stringMatching(/^\d{1,30}$/),
      fc.string({ unit: 'binary', maxLength: 2 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

describe('hostile duration strings', () => {
  it('are parsed or rejected correctly, whatever characters they contain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(TAMED).toContain(fateOf(text));
      }),
    );
  });

  it('are parsed or rejected correctly, however close to a duration', () => {
    fc.assert(
      fc.property(nearlyDurations, (text) => {
        expect(TAMED).toContain(fateOf(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['half a character', '\ud800'],
    ['half a character for a unit', '1\udfff'],
    ['a zero byte', '1\0s'],
    ['a prototype', '__proto__'],
    ['a prototype for a unit', '1__proto__'],
    ['a unit of every object', '1constructor'],
    ['100,000 digits', '9'.repeat(100_000)],
    ['100,000 digits and a unit', `${'9'.repeat(100_000)}s`],
    ['100,000 leading zeros', `${'0'.repeat(100_000)}1s`],
    ['100,000 digits of a fraction', `1.${'9'.repeat(100_000)}s`],
    ['100,000 points', '.'.repeat(100_000)],
    ['100,000 letters', `1${'x'.repeat(100_000)}`],
    ['100,000 terms', '1ns'.repeat(100_000)],
  ])('are parsed or rejected correctly: %s', (_, text) => {
    expect(TAMED).toContain(fateOf(text));
  });

  it('are never cut short: 100,000 terms count in full', () => {
    expect(parseDurationNs('1ns'.repeat(100_000))).toBe(100_000n);
  });
});
