import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentFastest } from './recent-fastest.js';

const SPAN_MS = 1000;

describe('RecentFastest', () => {
  it('is no slower than any call of the last span and as slow as some call of the last two', () => {
    const calls = fc.array(
      fc.record({
        gapMs: fc.integer({ min: 0, max: 1500 }),
        tookMs: fc.integer({ min: 1, max: 500 }),
      }),
      { minLength: 1, maxLength: 50 },
    );
    fc.assert(
      fc.property(
        calls,
        fc.integer({ min: 0, max: 2500 }),
        (steps, laterMs) => {
          const fastest = new RecentFastest(SPAN_MS);
          let nowMs = 0;
          const past = steps.map(({ gapMs, tookMs }) => {
            nowMs += gapMs;
            fastest.record(tookMs, nowMs);
            return { atMs: nowMs, tookMs };
          });
          nowMs += laterMs;
          const within = (spans: number) =>
            past
              .filter(({ atMs }) => nowMs - atMs < spans * SPAN_MS)
              .map(({ tookMs }) => tookMs);
          const least = fastest.leastMs(nowMs);
          expect(least).toBeLessThanOrEqual(Math.min(...within(1)));
          expect([0, ...within(2)]).toContain(least);
        },
      ),
    );
  });

  it('is forgotten when no call has been answered for long', () => {
    const fastest = new RecentFastest(SPAN_MS);
    fastest.record(300, 0);
    expect(fastest.leastMs(500)).toBe(300);
    expect(fastest.leastMs(2000)).toBe(0);
  });
});
