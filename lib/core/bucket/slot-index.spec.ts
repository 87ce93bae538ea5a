import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlotIndex } from './slot-index.js';

const keys = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', ''),
);

describe('index of slots', () => {
  it.each([1, 100_000, 1_000_000])(
    'does what one map does, for a bound of %d keys',
    (maxKeys) => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(keys, fc.boolean()), { maxLength: 60 }),
          (steps) => {
            const index = new SlotIndex(maxKeys);
            const model = new Map<string, number>();
            for (const [slot, [key, forgets]] of steps.entries()) {
              if (!model.has(key)) {
                index.add(key, slot);
                model.set(key, slot);
              } else if (forgets) {
                index.delete(key);
                model.delete(key);
              }
              expect(index.get(key)).toBe(model.get(key));
              expect(index.size).toBe(model.size);
            }
          },
        ),
        { numRuns: 50 },
      );
    },
  );

  it.each([
    ['addresses', (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`],
    ['numbered users', (i: number) => `user-${i}`],
    ['names with a common end', (i: number) => `${i}@example.org`],
  ])('spreads %s evenly over its maps', (_, keyOf) => {
    const maps = 32;
    const index = new SlotIndex(maps * 32_768);
    const count = 64_000;
    for (let i = 0; i < count; i++) index.add(keyOf(i), i);
    const sizes = index.sizes();
    expect(sizes).toHaveLength(maps);
    expect(Math.max(...sizes)).toBeLessThan((count / maps) * 1.2);
    expect(Math.min(...sizes)).toBeGreaterThan((count / maps) * 0.8);
  });
});
