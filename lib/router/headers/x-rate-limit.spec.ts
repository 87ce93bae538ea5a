import { describe, expect, it } from 'vitest';
import { part, verdict } from '../parts.fixture.js';
import { xRateLimitFields } from './quota-fields.js';

function fieldsOf(
  parts: ReturnType<typeof part>[],
  decided: ReturnType<typeof verdict>,
) {
  return xRateLimitFields(parts).map(({ value }) => value(decided));
}

describe('X-RateLimit fields', () => {
  it('contain the quota, what is left and the seconds until more', () => {
    expect(xRateLimitFields([part('a', 1)]).map(({ name }) => name)).toEqual([
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
    ]);
    expect(fieldsOf([part('a', 10, 100_000)], verdict([3.5]))).toEqual([
      '10',
      '3',
      '5',
    ]);
    expect(fieldsOf([part('a', 10)], verdict([10]))).toEqual(['10', '10', '0']);
  });

  it('describe the policy with the least left', () => {
    const parts = [part('a', 100), part('b', 5, 50_000)];
    expect(fieldsOf(parts, verdict([50, 4]))).toEqual(['5', '4', '10']);
    expect(fieldsOf(parts, verdict([3, 4]))).toEqual(['100', '3', '1']);
  });

  it('omit the time when a wait never ends', () => {
    expect(fieldsOf([part('a', 1)], verdict([1], [Infinity]))).toEqual([
      '1',
      '1',
      undefined,
    ]);
  });
});
