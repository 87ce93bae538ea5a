import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMON_SLOT } from './token-bucket.js';
import { hashSecret } from './key-index.js';
import { SlotIndex } from './bucket-table.js';

const keys = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '', '\ud800', '\udc00', 'a\0'),
  fc.nat(30).map((length) => 'x'.repeat(length * 1_000)),
  fc.nat(20).map((i) => `client-${i}`),
);

function indexFor(maxKeys: number, holders: number): SlotIndex {
  const index = new SlotIndex(maxKeys, hashSecret());
  index.grow(holders + 1);
  return index;
}

describe('SlotIndex', () => {
  it.each([1, 100_000, 1_000_000])(
    'behaves like one map, for a bound of %d keys',
    (maxKeys) => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(keys, fc.boolean()), { maxLength: 60 }),
          (steps) => {
            const index = indexFor(maxKeys, steps.length);
            const model = new Map<string, number>();
            for (const [i, [key, forgets]] of steps.entries()) {
              const known = model.get(key);
              if (known === undefined) {
                index.add(key, i + 1);
                model.set(key, i + 1);
              } else if (forgets) {
                index.delete(known);
                model.delete(key);
              }
              const holder = model.get(key);
              const slot = holder ? index.slotOf(holder) : COMMON_SLOT;
              expect(index.find(key)).toBe(slot);
              expect(slot !== COMMON_SLOT).toBe(model.has(key));
              expect(index.size).toBe(model.size);
            }
            const slots = [...model.keys()].map((key) => index.find(key));
            expect(new Set(slots).size).toBe(model.size);
            for (const [key, holder] of model) {
              expect(index.find(key)).toBe(index.slotOf(holder));
            }
          },
        ),
        { numRuns: 50 },
      );
    },
  );

  it('keeps every key as it grows and forgets those whose holders are deleted', () => {
    const count = 200_000;
    const index = indexFor(count, count);
    const keyOf = (holder: number) => `client-${holder}`;
    for (let holder = 1; holder <= count; holder++)
      index.add(keyOf(holder), holder);
    for (let holder = 2; holder <= count; holder += 2) index.delete(holder);
    expect(index.size).toBe(count / 2);
    let wrong = 0;
    for (let holder = 1; holder <= count; holder++) {
      const expected = holder % 2 === 0 ? COMMON_SLOT : index.slotOf(holder);
      if (index.find(keyOf(holder)) !== expected) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it.each([
    ['addresses', (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`],
    ['numbered users', (i: number) => `user-${i}`],
    ['names with a common end', (i: number) => `${i}@example.org`],
  ])('spreads %s evenly over its segments', (_, keyOf) => {
    const segments = 32;
    const count = 64_000;
    const index = indexFor(segments * 65_536, count);
    for (let holder = 1; holder <= count; holder++) {
      index.add(keyOf(holder), holder);
    }
    const sizes = index.sizes();
    expect(sizes).toHaveLength(segments);
    expect(Math.max(...sizes)).toBeLessThan((count / segments) * 1.2);
    expect(Math.min(...sizes)).toBeGreaterThan((count / segments) * 0.8);
  });

  it('finds a key in every representation V8 may give it', () => {
    const index = indexFor(10, 10);
    const slot = index.add('203.0.113.195', 7);
    const header = Buffer.from('for=203.0.113.195;by=\u0394', 'utf16le');
    const wide = header.toString('utf16le').slice(4, 17);
    expect(index.find(wide)).toBe(slot);
    expect(index.find(['203', '0', '113', '195'].join('.'))).toBe(slot);
    expect(index.find('203.0.113.196')).toBe(COMMON_SLOT);
  });
});
