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
  ])('rounds %d ms up to %d seconds', (ms, seconds) => {
    expect(retryAfterSeconds(ms)).toBe(seconds);
  });

  it('is omitted when a retry can never pass or the wait is unknown', () => {
    expect(retryAfterSeconds(Infinity)).toBeUndefined();
    expect(retryAfterSeconds(undefined)).toBeUndefined();
  });

  it('is written in decimal digits, however long it is', () => {
    expect(String(retryAfterSeconds(1e300))).toMatch(/^\d+$/);
  });
});
