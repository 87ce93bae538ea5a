import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLOT_DOUBLES } from './token-bucket.js';
import { COMMON_SLOT } from './token-bucket.js';
import { IndexSegment } from './key-index.js';

interface Fingerprint {
  readonly low: number;
  readonly high: number;
}

/** Halves that share their upper bits, so that entries crowd around the same places; the ends of the table among them. */
const crowded = fc
  .tuple(fc.constantFrom(-2, -1, 0, 1, 5), fc.integer({ min: 0, max: 8 }))
  .map(([upper, lower]) => (upper << 26) + lower);
const fingerprints: fc.Arbitrary<Fingerprint> = fc.record({
  low: fc.oneof(crowded, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  high: fc.constantFrom(-1, 0, 2),
});

const nameOf = ({ low, high }: Fingerprint) => `${low} ${high}`;

/** The fifth of eight: the lowest bits of its slots. */
const PART = 4;
const PART_BITS = 3;

function segmentFor(keys: number): IndexSegment {
  return new IndexSegment(PART, PART_BITS, keys);
}

/** A segment, and a map that says what it should hold: a number by which each level is known. */
class Checked {
  readonly segment = segmentFor(40);
  private readonly model = new Map<string, Fingerprint & { mark: number }>();
  private marks = 0;

  constructor() {
    this.segment.cells[0] = -1;
  }

  /** Adds what is not there, and deletes what is. */
  toggle(print: Fingerprint): void {
    const known = this.model.delete(nameOf(print));
    if (known) {
      this.segment.delete(print.low, print.high);
      return;
    }
    const mark = ++this.marks;
    const slot = this.segment.add(print.low, print.high);
    this.segment.cells.set([mark, mark / 3], doubleOf(slot));
    this.model.set(nameOf(print), { ...print, mark });
  }

  has(print: Fingerprint): boolean {
    return this.model.has(nameOf(print));
  }

  finds({ low, high }: Fingerprint): boolean {
    return this.segment.find(low, high) !== COMMON_SLOT;
  }

  /** What is found for each that is held, and what should be; the first place's level too. */
  get answers() {
    const { segment } = this;
    const held = [...this.model.values()];
    const slots = held.map(({ low, high }) => segment.find(low, high));
    const levelAt = (at: number) => [...segment.cells.subarray(at, at + 2)];
    return {
      found: {
        parts: slots.map((slot) => slot % 2 ** PART_BITS),
        levels: slots.map((slot) => levelAt(doubleOf(slot))),
        first: levelAt(0),
        size: segment.size,
      },
      expected: {
        parts: held.map(() => PART),
        levels: held.map(({ mark }) => [mark, mark / 3]),
        first: [-1, 0],
        size: held.length,
      },
    };
  }
}

/** Where the doubles of a slot begin. */
function doubleOf(slot: number): number {
  return (slot >> PART_BITS) * SLOT_DOUBLES;
}

describe('IndexSegment', () => {
  it('behaves like a map of levels, for any order of insertions and deletions', () => {
    fc.assert(
      fc.property(
        fc.array(fingerprints, { maxLength: 80, size: 'max' }),
        (prints) => {
          const checked = new Checked();
          for (const print of prints) {
            checked.toggle(print);
            const { found, expected } = checked.answers;
            expect(found).toEqual(expected);
            expect(checked.finds(print)).toBe(checked.has(print));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('finds the rest of a run after any of its entries is deleted', () => {
    const run = Array.from({ length: 24 }, (_, i) => ({
      low: (((i % 3) - 1) << 26) + i,
      high: i,
    }));
    const order = fc.shuffledSubarray(run, { minLength: run.length });
    fc.assert(
      fc.property(order, order, (added, deleted) => {
        const checked = new Checked();
        for (const print of added) checked.toggle(print);
        for (const print of deleted) {
          checked.toggle(print);
          const { found, expected } = checked.answers;
          expect(found).toEqual(expected);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([60_000, 65_536])(
    'has at most two thirds of a slot to spare for each of %d keys',
    (keys) => {
      const segment = segmentFor(keys);
      for (let key = 1; key <= keys; key++) {
        segment.add(Math.imul(key, 0x9e3779b1), key);
      }
      const places = segment.cells.length / SLOT_DOUBLES;
      expect(places).toBeLessThan((keys * 5) / 3);
    },
  );

  it('stores a key whose hash is 0', () => {
    const segment = segmentFor(10);
    expect(segment.find(0, 0)).toBe(COMMON_SLOT);
    const slot = segment.add(0, 0);
    expect(segment.find(0, 0)).toBe(slot);
    segment.delete(0, 0);
    expect(segment.find(0, 0)).toBe(COMMON_SLOT);
  });

  it('keeps no trace of deleted keys', () => {
    const heldBytes = () => process.memoryUsage().arrayBuffers;
    const before = heldBytes();
    const segment = segmentFor(100);
    const lowOf = (key: number) => Math.imul(key, 0x9e3779b1);
    for (let key = 1; key <= 1_000_000; key++) {
      segment.add(lowOf(key), key);
      if (key > 100) segment.delete(lowOf(key - 100), key - 100);
    }
    expect(segment.size).toBe(100);
    expect(segment.find(lowOf(1_000_000), 1_000_000)).not.toBe(COMMON_SLOT);
    expect(heldBytes() - before).toBeLessThan(1e5);
  });
});
