import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BreakerSettings } from './breaker-settings.js';
import { CircuitBreaker, REFUSED } from './circuit-breaker.js';

const settings = (more: Partial<BreakerSettings> = {}): BreakerSettings => ({
  maxErrors: 3,
  intervalMs: 0,
  openMs: 1000,
  halfOpenPermits: 3,
  halfOpenMaxMs: 500,
  ...more,
});

function fail(breaker: CircuitBreaker, times: number, nowMs: number) {
  for (let i = 0; i < times; i++) {
    breaker.settle(breaker.tryAcquire(nowMs), 'failure', nowMs);
  }
}

describe('a breaker whose options change', () => {
  it('keeps its counts', () => {
    const breaker = new CircuitBreaker(settings());
    fail(breaker, 2, 0);
    breaker.retune(settings({ maxErrors: 4 }), 0);
    fail(breaker, 1, 0);
    expect(breaker.state(0)).toBe('closed');
    fail(breaker, 1, 0);
    expect(breaker.state(0)).toBe('open');
  });

  it.each([
    [400, 400],
    [5000, 1000],
  ])(
    'never probes later than before while open: %d ms after opening makes %d',
    (openMs, expectedMs) => {
      const breaker = new CircuitBreaker(settings());
      fail(breaker, 3, 0);
      breaker.retune(settings({ openMs }), 0);
      expect(breaker.retryAfterMs(0)).toBe(expectedMs);
    },
  );

  it('stays forced', () => {
    const breaker = new CircuitBreaker(settings());
    breaker.forceOpen(0);
    breaker.retune(settings({ openMs: 1 }), 0);
    expect(breaker.state(1e9)).toBe('forced-open');
  });

  it('never gets stuck half-open, whatever its number of probes was', () => {
    const permits = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(permits, permits, fc.nat(5), (before, after, probes) => {
        const breaker = new CircuitBreaker(
          settings({ halfOpenPermits: before }),
        );
        fail(breaker, 3, 0);
        for (let i = 0; i < Math.min(probes, before - 1); i++) {
          breaker.settle(breaker.tryAcquire(2000), 'success', 2000);
        }
        breaker.retune(settings({ halfOpenPermits: after }), 2000);
        for (let i = 0; i < after; i++) {
          const permit = breaker.tryAcquire(2000);
          expect(permit).not.toBe(REFUSED);
          breaker.settle(permit, 'success', 2000);
        }
        expect(breaker.state(2000)).toBe('closed');
      }),
    );
  });
});
