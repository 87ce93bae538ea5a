import { describe, expect, it } from 'vitest';
import {
  BreakerSettings,
  CallOutcome,
  CircuitBreaker,
  REFUSED,
} from './circuit-breaker.js';

const SETTINGS: BreakerSettings = {
  maxErrors: 3,
  intervalMs: 60_000,
  openMs: 10_000,
  halfOpenPermits: 1,
  halfOpenMaxMs: 30_000,
};

function breakerWith(changes: Partial<BreakerSettings> = {}): CircuitBreaker {
  return new CircuitBreaker({ ...SETTINGS, ...changes }, 0);
}

/** A call that begins and ends at one instant; tells whether it was let through. */
function call(
  breaker: CircuitBreaker,
  outcome: CallOutcome,
  nowMs: number,
): boolean {
  const permit = breaker.tryAcquire(nowMs);
  if (permit === REFUSED) return false;
  breaker.settle(permit, outcome, nowMs);
  return true;
}

/** A breaker that opened at 0 ms. */
function openBreaker(changes: Partial<BreakerSettings> = {}): CircuitBreaker {
  const breaker = breakerWith({ maxErrors: 1, ...changes });
  call(breaker, 'failure', 0);
  return breaker;
}

describe('a closed CircuitBreaker', () => {
  it('admits calls and counts them', () => {
    const breaker = breakerWith();
    call(breaker, 'failure', 0);
    call(breaker, 'success', 1);
    call(breaker, 'success', 2);
    call(breaker, 'ignored', 3);
    breaker.tryAcquire(4);
    expect(breaker.state(4)).toBe('closed');
    expect(breaker.retryAfterMs(4)).toBe(0);
    expect(breaker.counts).toEqual({
      requests: 5,
      successes: 2,
      failures: 1,
      ignored: 1,
      consecutiveSuccesses: 2,
      consecutiveFailures: 0,
    });
  });

  it('opens on the failure that reaches maxErrors in a row', () => {
    const breaker = breakerWith();
    call(breaker, 'failure', 0);
    call(breaker, 'failure', 1);
    expect(breaker.state(1)).toBe('closed');
    call(breaker, 'failure', 2);
    expect(breaker.state(2)).toBe('open');
    expect(call(breaker, 'success', 3)).toBe(false);
  });

  it('starts counting again after a success, but not after an ignored call', () => {
    const breaker = breakerWith();
    for (const outcome of ['failure', 'failure', 'success'] as const) {
      call(breaker, outcome, 0);
    }
    for (const outcome of ['failure', 'ignored', 'failure'] as const) {
      call(breaker, outcome, 1);
    }
    expect(breaker.state(1)).toBe('closed');
    call(breaker, 'failure', 2);
    expect(breaker.state(2)).toBe('open');
  });

  it('drops counts older than the interval, but not at its exact end', () => {
    const breaker = breakerWith();
    call(breaker, 'failure', 0);
    call(breaker, 'failure', 60_000);
    expect(breaker.counts.consecutiveFailures).toBe(2);
    call(breaker, 'failure', 60_001);
    expect(breaker.state(60_001)).toBe('closed');
    expect(breaker.counts.consecutiveFailures).toBe(1);
  });

  it('keeps counts forever without an interval', () => {
    const breaker = breakerWith({ intervalMs: 0 });
    call(breaker, 'failure', 0);
    call(breaker, 'failure', 1e9);
    call(breaker, 'failure', 1e12);
    expect(breaker.state(1e12)).toBe('open');
  });

  it('drops the result of a call that began in an earlier interval', () => {
    const breaker = breakerWith({ maxErrors: 1 });
    const slow = breaker.tryAcquire(0);
    breaker.settle(slow, 'failure', 60_001);
    expect(breaker.state(60_001)).toBe('closed');
    expect(breaker.counts.failures).toBe(0);
  });
});

describe('an open CircuitBreaker', () => {
  it('rejects calls for openMs and reports the time left', () => {
    const breaker = openBreaker();
    expect(breaker.retryAfterMs(0)).toBe(10_000);
    expect(breaker.retryAfterMs(9_999.5)).toBe(0.5);
    expect(call(breaker, 'success', 9_999.5)).toBe(false);
    expect(call(breaker, 'success', 10_000)).toBe(false);
    expect(breaker.state(10_001)).toBe('half-open');
    expect(breaker.retryAfterMs(10_001)).toBe(0);
  });

  it('does not count the calls it rejects', () => {
    const breaker = openBreaker();
    call(breaker, 'success', 1);
    expect(breaker.counts.requests).toBe(0);
  });

  it('drops the results of calls that began while it was closed', () => {
    const breaker = breakerWith({ maxErrors: 1 });
    const slow = [breaker.tryAcquire(0), breaker.tryAcquire(0)];
    call(breaker, 'failure', 0);
    breaker.settle(slow[0], 'success', 5_000);
    expect(breaker.state(5_000)).toBe('open');
    breaker.settle(slow[1], 'failure', 10_001);
    expect(breaker.state(10_001)).toBe('half-open');
    expect(breaker.counts.failures).toBe(0);
  });

  it('notifies its listener of every state change in order, and of nothing else', () => {
    const heard: string[] = [];
    const settings = { ...SETTINGS, maxErrors: 1, intervalMs: 5 };
    const breaker = new CircuitBreaker(settings, 0, (from, to, nowMs) =>
      heard.push(`${nowMs}: ${from} -> ${to}`),
    );
    call(breaker, 'success', 6);
    call(breaker, 'failure', 7);
    call(breaker, 'failure', 8);
    call(breaker, 'failure', 10_008);
    call(breaker, 'success', 20_009);
    expect(heard).toEqual([
      '7: closed -> open',
      '10008: open -> half-open',
      '10008: half-open -> open',
      '20009: open -> half-open',
      '20009: half-open -> closed',
    ]);
  });
});
