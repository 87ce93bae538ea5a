import { describe, expect, it } from 'vitest';
import { CircuitBreaker, REFUSED } from './circuit-breaker.js';

function breakerOf(heard: string[] = []): CircuitBreaker {
  return new CircuitBreaker(
    {
      maxErrors: 2,
      intervalMs: 0,
      openMs: 1000,
      halfOpenPermits: 1,
      halfOpenMaxMs: 30_000,
    },
    0,
    (from, to) => heard.push(`${from} -> ${to}`),
  );
}

function failTimes(breaker: CircuitBreaker, times: number, nowMs: number) {
  for (let i = 0; i < times; i++) {
    breaker.settle(breaker.tryAcquire(nowMs), 'failure', nowMs);
  }
}

describe('a CircuitBreaker forced open', () => {
  it('rejects calls for good and cannot say until when', () => {
    const breaker = breakerOf();
    breaker.forceOpen(0);
    expect(breaker.tryAcquire(1e12)).toBe(REFUSED);
    expect(breaker.isRefusing(1e12)).toBe(true);
    expect(breaker.state(1e12)).toBe('forced-open');
    expect(breaker.retryAfterMs(1e12)).toBe(Infinity);
  });

  it('drops the results of earlier calls', () => {
    const breaker = breakerOf();
    const permit = breaker.tryAcquire(0);
    breaker.forceOpen(0);
    breaker.settle(permit, 'success', 1);
    expect(breaker.state(1)).toBe('forced-open');
    expect(breaker.counts.successes).toBe(0);
  });

  it('closes with empty counts when reset', () => {
    const breaker = breakerOf();
    failTimes(breaker, 1, 0);
    breaker.forceOpen(0);
    breaker.reset(1);
    failTimes(breaker, 1, 1);
    expect(breaker.state(1)).toBe('closed');
    failTimes(breaker, 1, 1);
    expect(breaker.state(1)).toBe('open');
  });
});

describe('a CircuitBreaker forced closed', () => {
  it('admits and counts every call, whatever its outcome', () => {
    const breaker = breakerOf();
    breaker.forceClosed(0);
    failTimes(breaker, 100, 0);
    expect(breaker.state(1e12)).toBe('forced-closed');
    expect(breaker.counts.failures).toBe(100);
    expect(breaker.retryAfterMs(0)).toBe(0);
  });

  it('admits calls at once if it was open', () => {
    const breaker = breakerOf();
    failTimes(breaker, 2, 0);
    expect(breaker.isRefusing(0)).toBe(true);
    breaker.forceClosed(0);
    expect(breaker.isRefusing(0)).toBe(false);
  });

  it('drops the results of its calls once reset', () => {
    const breaker = breakerOf();
    breaker.forceClosed(0);
    const permits = [breaker.tryAcquire(0), breaker.tryAcquire(0)];
    breaker.reset(1);
    for (const permit of permits) breaker.settle(permit, 'failure', 2);
    expect(breaker.state(2)).toBe('closed');
  });
});

describe('a CircuitBreaker that is reset', () => {
  it('closes from open and counts from zero', () => {
    const breaker = breakerOf();
    failTimes(breaker, 2, 0);
    breaker.reset(1);
    expect(breaker.state(1)).toBe('closed');
    expect(breaker.counts.requests).toBe(0);
  });

  it('notifies of a state change only if the state changes', () => {
    const heard: string[] = [];
    const breaker = breakerOf(heard);
    breaker.reset(0);
    breaker.forceOpen(0);
    breaker.forceOpen(1);
    breaker.forceClosed(2);
    breaker.reset(3);
    expect(heard).toEqual([
      'closed -> forced-open',
      'forced-open -> forced-closed',
      'forced-closed -> closed',
    ]);
  });
});
