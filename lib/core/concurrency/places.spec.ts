import { describe, expect, it } from 'vitest';
import { Places } from './places.js';

describe('Places', () => {
  it('are taken until none is free, and taken again once returned', () => {
    const places = new Places({ current: 2 });
    expect([1, 2, 3].map(() => places.tryTake())).toEqual([true, true, false]);
    places.giveBack();
    expect([1, 2].map(() => places.tryTake())).toEqual([true, false]);
    expect(places.underway).toBe(2);
  });

  it('grow and shrink with their limit and are never taken away from a running call', () => {
    const limit = { current: 3 };
    const places = new Places(limit);
    for (let i = 0; i < 3; i++) places.tryTake();
    limit.current = 1;
    places.giveBack();
    expect(places.tryTake()).toBe(false);
    places.giveBack();
    places.giveBack();
    expect([1, 2].map(() => places.tryTake())).toEqual([true, false]);
    limit.current = 2;
    expect(places.tryTake()).toBe(true);
  });
});
