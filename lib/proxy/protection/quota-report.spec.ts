import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQuota } from './quota-report.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const NOW_SECONDS = NOW_MS / 1000;

describe('the quota reported in an answer', () => {
  it.each([
    [{ ratelimit: '"default";r=50;t=30' }, 50, 30],
    [{ ratelimit: '"burst";r=9;t=1, "day";r=4;t=3600;pk=:YQ==:' }, 4, 3600],
    [{ ratelimit: ['"a";r=9;t=1', '"b";r=0;t=7'] }, 0, 7],
    [{ ratelimit: 'limit=100, remaining=50, reset=5' }, 50, 5],
    [{ 'ratelimit-remaining': '3', 'ratelimit-reset': '12' }, 3, 12],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' }, 0, 60],
    [
      {
        'x-ratelimit-remaining': '7',
        'x-ratelimit-reset': `${NOW_SECONDS + 90}`,
      },
      7,
      90,
    ],
    [
      {
        'x-ratelimit-remaining': '7',
        'x-ratelimit-reset': `${NOW_SECONDS - 90}`,
      },
      7,
      0,
    ],
  ])('is read from %j', (headers, left, seconds) => {
    const quota = readQuota(headers, NOW_MS);
    expect(quota).toEqual({ left, endsInMs: seconds * 1000 });
  });

  it.each([
    {},
    { ratelimit: '"default";r=50' },
    { ratelimit: '"default";r=-5;t=1' },
    { ratelimit: '"default";r=soon;t=1' },
    { ratelimit: 'who knows; what this=is' },
    { 'ratelimit-remaining': '-1', 'ratelimit-reset': '12' },
    { 'ratelimit-remaining': '1e400', 'ratelimit-reset': '12' },
    { 'x-ratelimit-remaining': '4' },
    { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': 'tomorrow' },
    { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': '9'.repeat(400) },
  ])('is not guessed from %j', (headers) => {
    expect(readQuota(headers, NOW_MS)).toBeUndefined();
  });

  it('is a finite number or absent, whatever the fields contain', () => {
    const names = ['ratelimit', 'ratelimit-remaining', 'ratelimit-reset'];
    const headers = fc.dictionary(
      fc.constantFrom(...names, 'x-ratelimit-remaining', 'x-ratelimit-reset'),
      fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String)),
    );
    fc.assert(
      fc.property(headers, (headers) => {
        const { left, endsInMs } = readQuota(headers, NOW_MS) ?? {
          left: 0,
          endsInMs: 0,
        };
        expect([left, endsInMs].every(Number.isFinite)).toBe(true);
        expect(Math.min(left, endsInMs)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
