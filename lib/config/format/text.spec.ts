import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from './text.js';

describe('printable text', () => {
  it.each([
    ['ann', 'ann'],
    ['Zoë 東京 🙂', 'Zoë 東京 🙂'],
    ['a\r\nFAKE LINE', 'a\\u{d}\\u{a}FAKE LINE'],
    ['\u001b[31mred', '\\u{1b}[31mred'],
    ['\u009b31m', '\\u{9b}31m'],
    ['a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['\u202Egnp.exe', '\\u{202e}gnp.exe'],
    ['\u200B', '\\u{200b}'],
    ['\uD800', '\\u{d800}'],
    ['\0', '\\u{0}'],
  ])('escapes %j as %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('is always one line of bounded length without control characters', () => {
    const held = fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(text, 20);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(Buffer.from(shown).toString()).toBe(shown);
      expect(shown.length).toBeLessThanOrEqual(20 * '\\u{10ffff}'.length + 1);
    });
    fc.assert(held, { numRuns: 1_000 });
  });

  it('is truncated when too long', () => {
    expect(printable('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`);
    expect(printable('abc', 2)).toBe('ab…');
  });
});
