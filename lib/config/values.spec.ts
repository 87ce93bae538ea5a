import { describe, expect, it } from 'vitest';
import { contentIdentity } from './values.js';

describe('contentIdentity', () => {
  it('is equal for equal content only', () => {
    const limit = { maxRate: 5, strategy: 'ip', shared: true };
    expect(contentIdentity({ ...limit })).toBe(contentIdentity(limit));
    expect(contentIdentity({ ...limit, maxRate: 6 })).not.toBe(
      contentIdentity(limit),
    );
    expect(contentIdentity('5/1s')).toBe(contentIdentity('5/1s'));
  });

  it('distinguishes a string from an object with the same JSON', () => {
    const limit = { maxRate: 5 };
    expect(contentIdentity(JSON.stringify(limit))).not.toBe(
      contentIdentity(limit),
    );
  });

  it.each([
    ['a function', { cost: () => 1 }],
    ['an object', { tiers: {} }],
    ['null', { key: null }],
    ['a bigint', { maxRate: 1n }],
    ['a list', [1]],
    ['a number', 5],
    ['nothing', undefined],
  ])('is undefined for %s', (_, value) => {
    expect(contentIdentity(value)).toBeUndefined();
  });

  it('is undefined for an object that inherits fields', () => {
    const limit: unknown = Object.create({ maxRate: 5 });
    expect(contentIdentity(limit)).toBeUndefined();
    class Limit {
      maxRate = 5;
    }
    expect(contentIdentity(new Limit())).toBeUndefined();
  });
});
