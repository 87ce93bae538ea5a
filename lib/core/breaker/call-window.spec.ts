import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallWindow, WINDOW_PARTS } from './call-window.js';

const WINDOW_MS = 1000;

describe('CallWindow', () => {
  it('keeps every call of nine tenths of its span and none older than the span', () => {
    const calls = fc.array(
      fc.record({
        afterMs: fc.oneof(fc.nat({ max: 150 }), fc.nat({ max: 5000 })),
        isFailure: fc.boolean(),
        isSlow: fc.boolean(),
      }),
      { maxLength: 200, size: 'max' },
    );
    fc.assert(
      fc.property(calls, fc.nat({ max: 1e9 }), (calls, startMs) => {
        const window = new CallWindow(WINDOW_MS);
        const ended: { atMs: number; isFailure: boolean; isSlow: boolean }[] =
          [];
        let nowMs = startMs;
        for (const { afterMs, isFailure, isSlow } of calls) {
          nowMs += afterMs;
          window.add(isFailure, isSlow, nowMs);
          ended.push({ atMs: nowMs, isFailure, isSlow });
          const within = (ms: number) =>
            ended.filter(({ atMs }) => atMs > nowMs - ms);
          const least = within((WINDOW_MS * (WINDOW_PARTS - 1)) / WINDOW_PARTS);
          const most = within(WINDOW_MS);
          const between = (
            found: number,
            of: (call: (typeof ended)[0]) => boolean,
          ) => {
            expect(found).toBeGreaterThanOrEqual(least.filter(of).length);
            expect(found).toBeLessThanOrEqual(most.filter(of).length);
          };
          between(window.calls, () => true);
          between(window.failures, (call) => call.isFailure);
          between(window.slowCalls, (call) => call.isSlow);
        }
      }),
    );
  });

  it('forgets everything after any idle time before the next call counts', () => {
    const window = new CallWindow(WINDOW_MS);
    for (let i = 0; i < 9; i++) window.add(true, true, i * 100);
    window.add(false, false, 1e15);
    expect(window).toMatchObject({ calls: 1, failures: 0, slowCalls: 0 });
  });

  it('expires one tenth at a time', () => {
    const window = new CallWindow(WINDOW_MS);
    for (let i = 0; i < 10; i++) window.add(true, false, i * 100);
    expect(window.calls).toBe(10);
    window.moveTo(1000);
    expect(window.calls).toBe(9);
    window.moveTo(1399);
    expect(window).toMatchObject({ calls: 6, failures: 6 });
    window.moveTo(1900);
    expect(window.calls).toBe(0);
  });

  it('works with a clock that stands still', () => {
    const window = new CallWindow(WINDOW_MS);
    window.add(true, false, 700);
    window.add(true, false, 700);
    expect(window.calls).toBe(2);
  });
});
