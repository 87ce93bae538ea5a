import { describe, expect, it } from 'vitest';
import { bucketLimit } from '../../core/bucket/bucket-limit.js';
import {
  count,
  duration,
  durationOrZero,
  name,
  rate,
  timerDuration,
} from './figures.js';

describe('numbers in the configuration', () => {
  it.each([
    ['duration', '1ns', '0s', duration],
    ['duration', '1m30s', '-1s', duration],
    ['duration', '.5s', '1', duration],
    ['duration', '100h', 1000, duration],
    ['durationOrZero', '0s', '-1ns', durationOrZero],
    ['durationOrZero', '0', '', durationOrZero],
    ['timerDuration', '596h', '597h', timerDuration],
    ['timerDuration', '1ms', '0s', timerDuration],
    ['rate', 0.5, 0, rate],
    ['rate', 1e15, 1.1e15, rate],
    ['rate', 1e-12, Number.MIN_VALUE, rate],
    ['rate', 1, Infinity, rate],
    ['rate', 1, NaN, rate],
    ['rate', 1, '1', rate],
    ['count', 1, 0, count],
    ['count', 2 ** 53 - 1, 2 ** 53, count],
    ['count', 3, 1.5, count],
    ['name', 'a.b_c:d-e9', 'a b', name],
    ['name', 'x'.repeat(64), 'x'.repeat(65), name],
    ['name', 'x', '', name],
    ['name', 'x', 'x\n', name],
    ['name', 'x', 'é', name],
    ['name', 'x', 'a"b', name],
  ])('accept a %s of %j and reject %j', (_, good, bad, schema) => {
    expect(schema.safeParse(good).success).toBe(true);
    expect(schema.safeParse(bad).success).toBe(false);
  });

  it('report what is wrong with a duration', () => {
    const { error } = duration.safeParse('10');
    expect(error?.issues[0].message).toContain('a number needs a unit');
  });

  it('give usable buckets at their bounds', () => {
    const windowsMs = [1e-6, 9.2e12];
    for (const maxRate of [1e-12, 1e15]) {
      for (const everyMs of windowsMs) {
        for (const capacity of [1, Number.MAX_SAFE_INTEGER]) {
          expect(() =>
            bucketLimit({ maxRate, everyMs, capacity }),
          ).not.toThrow();
        }
      }
    }
  });
});
