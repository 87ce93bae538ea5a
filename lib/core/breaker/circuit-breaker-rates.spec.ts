import { describe, expect, it } from 'vitest';
import { BreakerSettings, RateSettings } from './breaker-settings.js';
import { CallOutcome, CircuitBreaker, REFUSED } from './circuit-breaker.js';

const FAST_MS = 10;
const SLOW_MS = 501;

/** Opens when half of at least ten calls failed within ten seconds, or eight in ten took over half a second. */
const RATES: RateSettings = {
  windowMs: 10_000,
  minimumCalls: 10,
  failureRate: 0.5,
  slowCallRate: 0.8,
  slowCallMs: 500,
};

function breakerWith(
  rates: Partial<RateSettings> = {},
  changes: Partial<BreakerSettings> = {},
): CircuitBreaker {
  return new CircuitBreaker({
    maxErrors: Infinity,
    intervalMs: 0,
    openMs: 5000,
    halfOpenPermits: 1,
    halfOpenMaxMs: 30_000,
    rates: { ...RATES, ...rates },
    ...changes,
  });
}

function calls(
  breaker: CircuitBreaker,
  count: number,
  outcome: CallOutcome,
  nowMs: number,
  tookMs = FAST_MS,
): void {
  for (let i = 0; i < count; i++) {
    const permit = breaker.tryAcquire(nowMs);
    if (permit !== REFUSED) breaker.settle(permit, outcome, nowMs, tookMs);
  }
}

describe('a CircuitBreaker with a failure rate', () => {
  it('opens as soon as the rate is reached among enough calls', () => {
    const breaker = breakerWith();
    calls(breaker, 5, 'success', 0);
    calls(breaker, 4, 'failure', 1);
    expect(breaker.state(1)).toBe('closed');
    calls(breaker, 1, 'failure', 2);
    expect(breaker.state(2)).toBe('open');
  });

  it('opens on the call that completes the minimum, even if it succeeded', () => {
    const breaker = breakerWith();
    calls(breaker, 9, 'failure', 0);
    expect(breaker.state(0)).toBe('closed');
    calls(breaker, 1, 'success', 0);
    expect(breaker.state(0)).toBe('open');
  });

  it('stays closed below the rate, however many calls fail', () => {
    const breaker = breakerWith();
    for (let i = 0; i < 1000; i++) {
      calls(breaker, 2, 'success', i);
      calls(breaker, 1, 'failure', i);
    }
    expect(breaker.state(1000)).toBe('closed');
    expect(breaker.rates(1000)).toEqual({
      calls: 3000,
      failureRate: 1 / 3,
      slowCallRate: 0,
    });
  });

  it('does not let past successes hide current failures', () => {
    const breaker = breakerWith();
    calls(breaker, 10_000, 'success', 0);
    calls(breaker, 9, 'failure', 10_000);
    expect(breaker.state(10_000)).toBe('closed');
    calls(breaker, 1, 'failure', 10_001);
    expect(breaker.state(10_001)).toBe('open');
  });

  it('does not open on failures from before an idle hour', () => {
    const breaker = breakerWith();
    calls(breaker, 9, 'failure', 0);
    calls(breaker, 1, 'failure', 3_600_000);
    expect(breaker.state(3_600_000)).toBe('closed');
    expect(breaker.rates(3_600_000)?.calls).toBe(1);
  });

  it('counts neither ignored calls nor results from an earlier state', () => {
    const breaker = breakerWith();
    const late = Array.from({ length: 9 }, () => breaker.tryAcquire(0));
    calls(breaker, 9, 'failure', 0);
    calls(breaker, 100, 'ignored', 0);
    expect(breaker.state(0)).toBe('closed');
    calls(breaker, 1, 'failure', 0);
    calls(breaker, 1, 'success', 5001);
    expect(breaker.state(5001)).toBe('closed');
    for (const permit of late) breaker.settle(permit, 'failure', 5002);
    expect(breaker.rates(5002)?.calls).toBe(0);
  });

  it('counts calls that take longer than the interval of maxErrors', () => {
    const breaker = breakerWith({}, { maxErrors: 100, intervalMs: 10 });
    const late = Array.from({ length: 10 }, () => breaker.tryAcquire(0));
    for (const permit of late) breaker.settle(permit, 'failure', 50, FAST_MS);
    expect(breaker.state(50)).toBe('open');
  });

  it('starts with an empty window when it closes again', () => {
    const breaker = breakerWith();
    calls(breaker, 10, 'failure', 0);
    calls(breaker, 1, 'success', 5001);
    calls(breaker, 9, 'failure', 5002);
    expect(breaker.state(5002)).toBe('closed');
  });

  it('also opens on consecutive failures, whichever comes first', () => {
    const breaker = breakerWith({}, { maxErrors: 3 });
    calls(breaker, 3, 'failure', 0);
    expect(breaker.state(0)).toBe('open');
  });

  it.each([0.07, 0.1, 0.3, 0.57, 0.7, 1])(
    'opens at exactly the failure rate %d of 100 calls',
    (failureRate) => {
      const breaker = breakerWith({ failureRate, minimumCalls: 100 });
      const failures = Math.round(failureRate * 100);
      calls(breaker, 100 - failures, 'success', 0);
      calls(breaker, failures - 1, 'failure', 0);
      expect(breaker.state(0)).toBe('closed');
      calls(breaker, 1, 'failure', 0);
      expect(breaker.state(0)).toBe('open');
    },
  );
});

describe('a CircuitBreaker with a slow call rate', () => {
  it('opens when too many calls are slow, even if all succeed', () => {
    const breaker = breakerWith();
    calls(breaker, 2, 'success', 0);
    calls(breaker, 7, 'success', 0, SLOW_MS);
    expect(breaker.state(0)).toBe('closed');
    calls(breaker, 1, 'success', 0, SLOW_MS);
    expect(breaker.state(0)).toBe('open');
  });

  it('treats a call of exactly slowCallMs as fast', () => {
    const breaker = breakerWith();
    calls(breaker, 100, 'success', 0, 500);
    expect(breaker.rates(0)?.slowCallRate).toBe(0);
  });

  it('opens again on a slow successful probe and closes on a fast one', () => {
    const breaker = breakerWith();
    calls(breaker, 10, 'success', 0, SLOW_MS);
    calls(breaker, 1, 'success', 5001, SLOW_MS);
    expect(breaker.state(5001)).toBe('open');
    calls(breaker, 1, 'success', 10_002);
    expect(breaker.state(10_002)).toBe('closed');
  });
});

describe('a CircuitBreaker with a growing open time', () => {
  const openGrowth = { factor: 3, maxMs: 60_000, jitter: 0 };

  it('stays open longer after each failed probe and starts over once closed', () => {
    const breaker = breakerWith({}, { maxErrors: 1, openGrowth });
    const openings: number[] = [];
    let nowMs = 0;
    for (const outcome of ['failure', 'failure', 'failure', 'failure']) {
      calls(breaker, 1, outcome as CallOutcome, nowMs);
      openings.push(breaker.retryAfterMs(nowMs));
      nowMs += breaker.retryAfterMs(nowMs) + 1;
    }
    expect(openings).toEqual([5000, 15_000, 45_000, 60_000]);
    calls(breaker, 1, 'success', nowMs);
    calls(breaker, 1, 'failure', nowMs);
    expect(breaker.retryAfterMs(nowMs)).toBe(5000);
  });

  it('draws its jitter from the given source of randomness', () => {
    const settings = breakerWith({}, { maxErrors: 1 }).settings;
    const jittery = { ...settings, openGrowth: { ...openGrowth, jitter: 0.5 } };
    const breaker = new CircuitBreaker(jittery, 0, undefined, () => 0.5);
    calls(breaker, 1, 'failure', 0);
    expect(breaker.retryAfterMs(0)).toBe(6250);
  });
});
