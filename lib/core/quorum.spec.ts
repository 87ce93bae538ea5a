import { describe, expect, it } from 'vitest';
import { Quorum } from './quorum.js';

describe('Quorum', () => {
  it('is reached by the required share of the instances', () => {
    const quorum = new Quorum(0.5);
    expect(quorum.isNew(2, 5)).toBe(false);
    expect(quorum.isNew(3, 5)).toBe(true);
  });

  it.each([0.1, 0.3, 0.7, 1])('is reached by exactly %d of ten', (share) => {
    const needed = Math.max(2, Math.round(share * 10));
    const quorum = new Quorum(share);
    expect(quorum.isNew(needed - 1, 10)).toBe(false);
    expect(quorum.isNew(needed, 10)).toBe(true);
  });

  it('is never a single instance', () => {
    expect(new Quorum(0.01).isNew(1, 2)).toBe(false);
  });

  it('is reported as new once, until it is lost', () => {
    const quorum = new Quorum(0.5);
    expect([2, 3, 2, 1, 2].map((n) => quorum.isNew(n, 4))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it('counts the agreeing instances as alive when the instance count lags', () => {
    expect(new Quorum(1).isNew(3, 1)).toBe(true);
  });
});
