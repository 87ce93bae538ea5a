import { describe, expect, it } from 'vitest';
import { bucketLimit } from './bucket-limit.js';
import { BucketTable } from './bucket-table.js';

const LIMIT = bucketLimit({ maxRate: 1, everyMs: 1_000, capacity: 3 });

function tryTake(
  table: BucketTable,
  key: string,
  cost: number,
  nowMs: number,
): boolean {
  const slot = table.find(key);
  if (table.levels.waitMs(slot, cost, nowMs) > 0) return false;
  table.take(slot, key, cost, nowMs);
  return true;
}

describe('BucketTable', () => {
  it('gives each key a bucket of its own', () => {
    const table = new BucketTable(LIMIT, 10);
    expect(tryTake(table, 'a', 3, 0)).toBe(true);
    expect(tryTake(table, 'a', 1, 0)).toBe(false);
    expect(tryTake(table, 'b', 3, 0)).toBe(true);
    expect(table.size).toBe(2);
  });

  it('answers before its first key as a full bucket would', () => {
    const table = new BucketTable(LIMIT, 10);
    const slot = table.find('a');
    expect(table.levels.waitMs(slot, 3, 500)).toBe(0);
    expect(table.levels.tokensIn(slot, 500)).toBe(3);
    expect(table.size).toBe(0);
  });

  it.each([3.5, NaN, -1, Infinity])(
    'lets a cost of %d pass neither before its first key nor after it',
    (cost) => {
      const table = new BucketTable(LIMIT, 10);
      expect(table.levels.waitMs(table.find('a'), cost, 0)).toBe(Infinity);
      tryTake(table, 'a', 1, 0);
      expect(table.levels.waitMs(table.find('a'), cost, 0)).toBe(Infinity);
      expect(table.levels.waitMs(table.find('b'), cost, 0)).toBe(Infinity);
    },
  );

  it('tells the tokens that a charge left', () => {
    const table = new BucketTable(LIMIT, 10);
    const left = (cost: number, nowMs: number) => {
      const slot = table.take(table.find('a'), 'a', cost, nowMs);
      return table.levels.tokensIn(slot, 0);
    };
    expect(left(2, 0)).toBe(1);
    expect(left(1, 500)).toBe(0.5);
    expect(table.levels.tokensIn(table.find('a'), 1_000)).toBe(1);
  });

  it('remembers nobody who was refused', () => {
    const table = new BucketTable(LIMIT, 10);
    expect(tryTake(table, 'a', 4, 0)).toBe(false);
    expect(table.size).toBe(0);
  });

  it('grows past its first slots and keeps every level', () => {
    const table = new BucketTable(LIMIT, 1_000);
    for (let i = 0; i < 1_000; i++) tryTake(table, `client-${i}`, 2, i / 1e3);
    expect(table.size).toBe(1_000);
    for (let i = 0; i < 1_000; i++) {
      expect(table.levels.tokensIn(table.find(`client-${i}`), i / 1e3)).toBe(1);
    }
  });

  it('gains nothing from a call that is charged in the past', () => {
    const table = new BucketTable(LIMIT, 10);
    tryTake(table, 'a', 2, 5_000);
    expect(tryTake(table, 'a', 1, 1_000)).toBe(true);
    expect(table.levels.tokensIn(table.find('a'), 5_000)).toBe(0);
  });

  it('keeps apart keys that an object would mix up', () => {
    const keys = ['__proto__', 'constructor', 'toString', '', '\0', '0', 'ä'];
    const table = new BucketTable(LIMIT, 100);
    for (const key of keys) expect(tryTake(table, key, 3, 0)).toBe(true);
    for (const key of keys) expect(tryTake(table, key, 1, 0)).toBe(false);
    expect(table.size).toBe(keys.length);
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])(
    'refuses to be bounded by %d keys',
    (maxKeys) => {
      expect(() => new BucketTable(LIMIT, maxKeys)).toThrow(
        new RangeError(`maxKeys must be a whole number from 1, not ${maxKeys}`),
      );
    },
  );
});
