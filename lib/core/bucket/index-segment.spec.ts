import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMON_SLOT } from './buckets.js';
import { IndexSegment } from './index-segment.js';

interface Fingerprint {
  readonly low: number;
  readonly high: number;
}

/** Halves that share their lower bits, so that entries crowd around the same places; the ends of the table among them. */
const crowded = fc
  .tuple(fc.constantFrom(-2, -1, 0, 1, 5), fc.integer({ min: -4, max: 4 }))
  .map(([lower, upper]) => (upper << 12) + lower);
const fingerprints: fc.Arbitrary<Fingerprint> = fc.record({
  low: fc.oneof(crowded, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  high: fc.integer({ min: -1, max: 1 }),
});

const nameOf = ({ low, high }: Fingerprint) => `${low} ${high}`;

/** A segment, and a map that says what it should hold. */
class Checked {
  readonly segment = new IndexSegment();
  readonly model = new Map<string, { print: Fingerprint; slot: number }>();
  private slots = 0;

  /** Adds what is not there, and deletes what is. */
  toggle(print: Fingerprint): void {
    const known = this.model.get(nameOf(print));
    if (known === undefined) {
      const slot = ++this.slots;
      this.segment.add(print.low, print.high, slot);
      this.model.set(nameOf(print), { print, slot });
    } else {
      this.segment.delete(print.low, known.slot);
      this.model.delete(nameOf(print));
    }
  }

  find({ low, high }: Fingerprint): number {
    return this.segment.find(low, high);
  }

  /** The slots that are found for what is held, and those that should be. */
  get answers(): { found: number[]; expected: number[]; size: number } {
    const held = [...this.model.values()];
    return {
      found: held.map(({ print }) => this.find(print)),
      expected: held.map(({ slot }) => slot),
      size: held.length,
    };
  }
}

describe('segment of an index', () => {
  it('does what a map does, in any order of adding and deleting', () => {
    fc.assert(
      fc.property(
        fc.array(fingerprints, { maxLength: 80, size: 'max' }),
        (prints) => {
          const checked = new Checked();
          for (const print of prints) {
            checked.toggle(print);
            const { found, expected, size } = checked.answers;
            expect(found).toEqual(expected);
            expect(checked.segment.size).toBe(size);
            const there = checked.model.has(nameOf(print));
            expect(checked.find(print) !== COMMON_SLOT).toBe(there);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('finds the rest of a run, whichever of it is deleted first', () => {
    const run = Array.from({ length: 24 }, (_, i) => ({
      low: ((i % 3) - 1) | (i << 16),
      high: i,
    }));
    const order = fc.shuffledSubarray(run, { minLength: run.length });
    fc.assert(
      fc.property(order, order, (added, deleted) => {
        const checked = new Checked();
        for (const print of added) checked.toggle(print);
        for (const print of deleted) {
          checked.toggle(print);
          const { found, expected, size } = checked.answers;
          expect(found).toEqual(expected);
          expect(checked.segment.size).toBe(size);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keeps no trace of what was deleted', () => {
    const heldBytes = () => process.memoryUsage().arrayBuffers;
    const before = heldBytes();
    const segment = new IndexSegment();
    const lowOf = (slot: number) => Math.imul(slot, 0x9e3779b1);
    for (let slot = 1; slot <= 1_000_000; slot++) {
      segment.add(lowOf(slot), slot, slot);
      if (slot > 100) segment.delete(lowOf(slot - 100), slot - 100);
    }
    expect(segment.size).toBe(100);
    expect(segment.find(lowOf(1_000_000), 1_000_000)).toBe(1_000_000);
    expect(heldBytes() - before).toBeLessThan(1e5);
  });
});
