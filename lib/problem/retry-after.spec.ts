import { describe, expect, it } from 'vitest';
import { retryAfterSeconds } from './problem-exception.js';

describe('Retry-After', () => {
  it.each([
    [0, 1],
    [0.001, 1],
    [999, 1],
    [1000, 1],
    [1000.001, 2],
    [59_999.9, 60],
    [86_400_000, 86_400],
  ])('of %d ms is %d seconds', (ms, seconds) => {
    expect(retryAfterSeconds(ms)).toBe(seconds);
  });

  it('is left out when a retry can never pass, or nobody knows', () => {
    expect(retryAfterSeconds(Infinity)).toBeUndefined();
    expect(retryAfterSeconds(undefined)).toBeUndefined();
  });

  it('is written in digits, however long it is', () => {
    expect(String(retryAfterSeconds(1e300))).toMatch(/^\d+$/);
  });
});
