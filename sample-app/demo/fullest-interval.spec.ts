import { describe, expect, it } from 'vitest';
import { fullestInterval } from './fullest-interval.js';

const tenPerSecond = { maxRate: 10, everyMs: 1000, capacity: 5 };
const prompt = (atMs: number) => ({ sentMs: atMs, atMs });

describe('the fullest interval', () => {
  it('of a burst is the burst', () => {
    expect(fullestInterval([0, 0, 0].map(prompt), tenPerSecond)).toEqual({
      calls: 3,
      spanMs: 0,
      capacityNeeded: 3,
    });
  });

  it('of calls at the rate needs a bucket of one', () => {
    const calls = [0, 100, 200, 300, 400].map(prompt);
    expect(fullestInterval(calls, tenPerSecond).capacityNeeded).toBe(1);
  });

  it('is found among quiet periods', () => {
    const calls = [0, 1000, 2000, 2050, 2100, 2150, 5000].map(prompt);
    expect(fullestInterval(calls, tenPerSecond)).toEqual({
      calls: 4,
      spanMs: 150,
      capacityNeeded: 2.5,
    });
  });

  it('treats delayed calls as they were sent', () => {
    const calls = [
      { sentMs: 0, atMs: 100 },
      { sentMs: 100, atMs: 100 },
    ];
    expect(fullestInterval(calls, tenPerSecond).capacityNeeded).toBe(1);
  });

  it('does not depend on the order of calls', () => {
    const calls = [2150, 0, 2000, 2100, 2050].map(prompt);
    expect(fullestInterval(calls, tenPerSecond).capacityNeeded).toBe(2.5);
  });

  it('of no calls needs nothing', () => {
    expect(fullestInterval([], tenPerSecond).capacityNeeded).toBe(0);
  });
});
