import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashSecret, hashSecret, KeyHash } from './key-index.js';

/** The key of the reference's test: the bytes 00 01 … 07. */
const REFERENCE_SECRET: HashSecret = [0x03020100, 0x07060504];

/** Any text, also with halves of surrogate pairs. */
const texts = fc.string({ unit: 'binary', maxLength: 40 });
const units = fc
  .array(fc.nat(0xffff), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const secrets: fc.Arbitrary<HashSecret> = fc.tuple(
  fc.nat(0xffffffff),
  fc.nat(0xffffffff),
);

/** The bytes of the hash in hexadecimal digits, the lower half first. */
function digest(secret: HashSecret, text: string): string {
  const hash = new KeyHash(secret);
  hash.read(text);
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(hash.low, 0);
  bytes.writeInt32LE(hash.high, 4);
  return bytes.toString('hex');
}

/** The text whose UTF-16 has the bytes 00 01 02 … */
function countingText(bytes: number): string {
  return Buffer.from(Array.from({ length: bytes }, (_, i) => i)).toString(
    'utf16le',
  );
}

describe('KeyHash', () => {
  // As halfsiphash.c of github.com/veorq/SipHash computes them, compiled with cROUNDS=1 and dROUNDS=3.
  it.each([
    [0, '76a5d0212320f72a'],
    [2, '78ee1fe15d3cd732'],
    [4, 'eb24dba0718cae05'],
    [6, 'af65e0c64df5d602'],
    [8, '3dcda8311dec7a5f'],
    [10, '3134fba809e041f2'],
    [12, '5577cc5cb3e73f93'],
    [14, '7da915ca92ec826b'],
    [16, '56d7c5b93d3e2ec2'],
    [30, 'ad3015d857893ddd'],
    [32, '166eee0fc184b8f1'],
    [254, 'fdbda533ba7fb4e3'],
    [256, '43b542fde6858b9f'],
    [258, 'b6a0ebcc09e2a075'],
  ])(
    'hashes %d bytes like the reference implementation: %s',
    (bytes, expected) => {
      expect(digest(REFERENCE_SECRET, countingText(bytes))).toBe(expected);
    },
  );

  it('returns 32-bit integers', () => {
    fc.assert(
      fc.property(secrets, fc.oneof(texts, units), (secret, text) => {
        const hash = new KeyHash(secret);
        hash.read(text);
        expect([hash.low | 0, hash.high | 0]).toEqual([hash.low, hash.high]);
      }),
    );
  });

  it('distinguishes strings that differ in one code unit or only in length', () => {
    fc.assert(
      fc.property(units, fc.nat(), fc.nat(0xffff), (text, nth, unit) => {
        const at = nth % (text.length + 1);
        const other =
          text.slice(0, at) + String.fromCharCode(unit) + text.slice(at + 1);
        const secret = hashSecret();
        expect(digest(secret, text) === digest(secret, other)).toBe(
          text === other,
        );
        expect(digest(secret, `${text}\0`)).not.toBe(digest(secret, text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('returns one hash per string, however V8 represents it', () => {
    const joined = (a: string, b: string) => a + b;
    const cut = (text: string) => `${text}\u0394`.slice(0, -1);
    const secret = hashSecret();
    for (const text of ['10.1.2.3', 'x'.repeat(100), 'a\u00ffb', '']) {
      const flat = digest(secret, text);
      const half = text.length >> 1;
      expect(digest(secret, cut(text))).toBe(flat);
      expect(
        digest(secret, joined(text.slice(0, half), text.slice(half))),
      ).toBe(flat);
      expect(
        digest(secret, Buffer.from(text, 'latin1').toString('latin1')),
      ).toBe(flat);
      expect(
        digest(secret, Buffer.from(text, 'utf16le').toString('utf16le')),
      ).toBe(flat);
    }
  });

  it('returns other hashes under another secret', () => {
    fc.assert(
      fc.property(secrets, secrets, units, (a, b, text) => {
        fc.pre(a[0] !== b[0] || a[1] !== b[1]);
        expect(digest(a, text)).not.toBe(digest(b, text));
      }),
    );
  });

  it.each([
    ['addresses', (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`],
    ['numbered users', (i: number) => `user-${i}`],
    ['names with a common end', (i: number) => `${i}@example.org`],
    ['names with a long common beginning', (i: number) => 'x'.repeat(60) + i],
    ['single characters of two bytes', (i: number) => String.fromCharCode(i)],
    ['halves of surrogate pairs', (i: number) => `\ud800${i}\udc00`],
    ['texts that differ in length only', (i: number) => '\0'.repeat(i / 32)],
  ])('spreads %s evenly over all bits', (_, keyOf) => {
    const keys = new Set(Array.from({ length: 64_000 }, (_, i) => keyOf(i)));
    const hash = new KeyHash(hashSecret());
    const counts = Array.from({ length: 64 }, () => 0);
    for (const key of keys) {
      hash.read(key);
      for (let bit = 0; bit < 32; bit++) {
        counts[bit] += (hash.low >>> bit) & 1;
        counts[32 + bit] += (hash.high >>> bit) & 1;
      }
    }
    const most = 6 * (Math.sqrt(keys.size) / 2);
    for (const count of counts) {
      expect(Math.abs(count - keys.size / 2)).toBeLessThan(most);
    }
  });

  it('has its own secret each time', () => {
    const secrets = Array.from({ length: 100 }, () => hashSecret().join());
    expect(new Set(secrets).size).toBe(100);
  });
});
