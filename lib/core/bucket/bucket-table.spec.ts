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
  it('gives each key its own bucket', () => {
    const table = new BucketTable(LIMIT, 10);
    expect(tryTake(table, 'a', 3, 0)).toBe(true);
    expect(tryTake(table, 'a', 1, 0)).toBe(false);
    expect(tryTake(table, 'b', 3, 0)).toBe(true);
    expect(table.size).toBe(2);
  });

  it('answers like a full bucket before its first key', () => {
    const table = new BucketTable(LIMIT, 10);
    const slot = table.find('a');
    expect(table.levels.waitMs(slot, 3, 500)).toBe(0);
    expect(table.levels.tokensIn(slot, 500)).toBe(3);
    expect(table.size).toBe(0);
  });

  it.each([3.5, NaN, -1, Infinity])(
    'never admits a cost of %d, before its first key or after it',
    (cost) => {
      const table = new BucketTable(LIMIT, 10);
      expect(table.levels.waitMs(table.find('a'), cost, 0)).toBe(Infinity);
      tryTake(table, 'a', 1, 0);
      expect(table.levels.waitMs(table.find('a'), cost, 0)).toBe(Infinity);
      expect(table.levels.waitMs(table.find('b'), cost, 0)).toBe(Infinity);
    },
  );

  it('reports the tokens left after a charge', () => {
    const table = new BucketTable(LIMIT, 10);
    const left = (cost: number, nowMs: number) => {
      const slot = table.take(table.find('a'), 'a', cost, nowMs);
      return table.levels.tokensIn(slot, 0);
    };
    expect(left(2, 0)).toBe(1);
    expect(left(1, 500)).toBe(0.5);
    expect(table.levels.tokensIn(table.find('a'), 1_000)).toBe(1);
  });

  it('does not store a key that was refused', () => {
    const table = new BucketTable(LIMIT, 10);
    expect(tryTake(table, 'a', 4, 0)).toBe(false);
    expect(table.size).toBe(0);
  });

  it('keeps every level when it grows', () => {
    const table = new BucketTable(LIMIT, 1_000);
    for (let i = 0; i < 1_000; i++) tryTake(table, `client-${i}`, 2, i / 1e3);
    expect(table.size).toBe(1_000);
    for (let i = 0; i < 1_000; i++) {
      expect(table.levels.tokensIn(table.find(`client-${i}`), i / 1e3)).toBe(1);
    }
  });

  it('gains nothing from a charge in the past', () => {
    const table = new BucketTable(LIMIT, 10);
    tryTake(table, 'a', 2, 5_000);
    expect(tryTake(table, 'a', 1, 1_000)).toBe(true);
    expect(table.levels.tokensIn(table.find('a'), 5_000)).toBe(0);
  });

  it('keeps keys apart that a plain object would confuse', () => {
    const keys = ['__proto__', 'constructor', 'toString', '', '\0', '0', 'ä'];
    const table = new BucketTable(LIMIT, 100);
    for (const key of keys) expect(tryTake(table, key, 3, 0)).toBe(true);
    for (const key of keys) expect(tryTake(table, key, 1, 0)).toBe(false);
    expect(table.size).toBe(keys.length);
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])(
    'rejects a bound of %d keys',
    (maxKeys) => {
      expect(() => new BucketTable(LIMIT, maxKeys)).toThrow(
        new RangeError(`maxKeys must be a whole number from 1, not ${maxKeys}`),
      );
    },
  );
});
