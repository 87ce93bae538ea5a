import fc from 'fast-check';
import { parseList } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import { bucketLimit } from '../../core/bucket/bucket-limit.js';
import { part, verdict } from '../parts.fixture.js';
import { rateLimitFields } from './quota-fields.js';

const HOUR_MS = 3_600_000;

/** The values of both fields after a decision. */
function fieldsOf(
  parts: ReturnType<typeof part>[],
  decided: ReturnType<typeof verdict>,
): Record<string, string | undefined> {
  const fields = rateLimitFields(parts);
  return Object.fromEntries(
    fields.map(({ name, value }) => [name, value(decided)]),
  );
}

describe('RateLimit fields of draft 10', () => {
  it('list each policy with its quota, its window and the tokens left', () => {
    const parts = [part('endpoint', 100), part('client', 10, HOUR_MS)];
    expect(fieldsOf(parts, verdict([99, 10]))).toEqual({
      'ratelimit-policy': '"endpoint";q=100;w=1, "client";q=10;w=3600',
      ratelimit: '"endpoint";r=99;t=1, "client";r=10',
    });
  });

  it('contain whole tokens and the seconds until the next one', () => {
    const { ratelimit } = fieldsOf([part('a', 10, 100_000)], verdict([3.25]));
    expect(ratelimit).toBe('"a";r=3;t=8');
  });

  it('contain the wait of the bucket that refused', () => {
    const parts = [part('a', 10), part('b', 10, 100_000)];
    const { ratelimit } = fieldsOf(parts, verdict([9, 0.5], [0, 25_000]));
    expect(ratelimit).toBe('"a";r=9;t=1, "b";r=0;t=25');
  });

  it('contain nothing left and the seconds to the first token for a bucket in debt', () => {
    const { ratelimit } = fieldsOf([part('a', 10, 10_000)], verdict([-2.5]));
    expect(ratelimit).toBe('"a";r=0;t=4');
  });

  it('omit the time when a wait never ends', () => {
    const { ratelimit } = fieldsOf([part('a', 1)], verdict([1], [Infinity]));
    expect(ratelimit).toBe('"a";r=1');
  });

  it('combine several buckets of a policy: the figures of the emptiest and the quota of the client', () => {
    const client = { client: () => 'ann' };
    const parts = [part('search', 100), part('search', 5, 1000, client)];
    expect(fieldsOf(parts, verdict([2, 4]))).toEqual({
      'ratelimit-policy': '"search";q=5;w=1',
      ratelimit: '"search";r=2;t=1',
    });
  });

  it('keep a window of whole seconds as it is', () => {
    for (let capacity = 1; capacity <= 500; capacity++) {
      const fields = fieldsOf([part('a', capacity)], verdict([capacity - 1]));
      expect(fields['ratelimit-policy']).toBe(`"a";q=${capacity};w=1`);
      expect(fields.ratelimit).toBe(`"a";r=${capacity - 1};t=1`);
    }
  });

  it('are valid structured fields with integers for any limit', () => {
    const limits = fc.record({
      maxRate: fc.oneof(
        fc.double({ min: 1e-12, max: 1e15, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
      ),
      everyMs: fc.constantFrom(1e-6, 1, 1000, HOUR_MS, 9.2e12),
      capacity: fc.oneof(
        fc.integer({ min: 1, max: 1000 }),
        fc.maxSafeInteger().map((n) => Math.max(1, Math.abs(n))),
      ),
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const wait = fc.oneof(
      fc.constantFrom(0, Infinity),
      fc.double({ min: 0, max: 1e300, noNaN: true }),
    );
    fc.assert(
      fc.property(limits, share, wait, (rate, filled, waitMs) => {
        const limit = bucketLimit(rate);
        const tokens = limit.capacity * filled;
        const fields = fieldsOf(
          [part('a', 1, 1000, { limit })],
          verdict([tokens], [waitMs]),
        );
        for (const field of Object.values(fields)) {
          const [[name, parameters]] = parseList(field!);
          expect(name).toBe('a');
          for (const value of parameters.values()) {
            expect(Number.isInteger(value)).toBe(true);
            expect(value).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });
});
