import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedKey } from './bounded-key.js';

describe('a bounded client key', () => {
  it('is a short string as it is', () => {
    for (const text of ['a', '__proto__', ' ', 'é', 'x'.repeat(64)]) {
      expect(boundedKey(text)).toBe(text);
    }
  });

  it('is a hash of a long string that depends on its last character', () => {
    const a = boundedKey('x'.repeat(65));
    const b = boundedKey(`${'x'.repeat(64)}y`);
    expect(a).toMatch(/^#[0-9a-f]{64}$/);
    expect(a).not.toBe(b);
  });

  it('is empty for anything but strings and numbers', () => {
    const others = [undefined, null, true, {}, ['a'], Symbol('a'), () => 'a'];
    for (const value of others) expect(boundedKey(value)).toBe('');
    expect(boundedKey('')).toBe('');
    expect(boundedKey(42)).toBe('42');
  });

  it('is of bounded length, and equal for equal strings only', () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 200, unit: 'binary' }),
      fc.stringMatching(/^#[0-9a-f]{64}$/),
    );
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(boundedKey(a).length).toBeLessThanOrEqual(65);
        expect(boundedKey(a) === boundedKey(b)).toBe(a === b);
        // A hash cannot be sent in place of the text it stands for.
        expect(boundedKey(boundedKey(a)) === boundedKey(a)).toBe(
          a.length <= 64,
        );
      }),
    );
  });
});
