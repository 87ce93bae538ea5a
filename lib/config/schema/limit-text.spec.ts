import { describe, expect, it } from 'vitest';
import { limitText, looksLikeLimit } from './limit-text.js';

describe('a limit written as a string', () => {
  it.each([
    ['100/1m', 100, 60_000],
    ['1/1s', 1, 1_000],
    ['5/1m30s', 5, 90_000],
    ['3/.5s', 3, 500],
    ['007/250ms', 7, 250],
    ['9007199254740991/1h', Number.MAX_SAFE_INTEGER, 3_600_000],
  ])('has a rate, a window and a capacity: %s', (text, maxRate, everyMs) => {
    expect(limitText.parse(text)).toEqual({
      maxRate,
      everyMs,
      capacity: maxRate,
    });
  });

  it.each([
    '',
    '/',
    '100',
    '100/',
    '/1s',
    '0/1s',
    '-1/1s',
    '+1/1s',
    '1.5/1s',
    '1e3/1s',
    '0x10/1s',
    '٣/1s',
    ' 1/1s',
    '1 /1s',
    '1/ 1s',
    '1/1',
    '1/0s',
    '1/-1s',
    '1/1d',
    '1/1s/1s',
    '9007199254740992/1s',
    '1/9999999h',
  ])('is rejected: %j', (text) => {
    expect(limitText.safeParse(text).success).toBe(false);
  });

  it('is distinguished from a policy name by its slash', () => {
    expect(looksLikeLimit('100/1m')).toBe(true);
    expect(looksLikeLimit('search')).toBe(false);
  });
});
