import { describe, expect, it } from 'vitest';
import { check, Fault } from '../fault.js';
import { circuitBreaker } from './circuit-breaker.schema.js';

function faultsOf(options: unknown): string[] {
  const faults: Fault[] = [];
  check(circuitBreaker, options, 'breaker', faults);
  return faults.map(
    ({ path, found, allowed }) => `${path}: ${found}; ${allowed}`,
  );
}

describe('circuit breaker options', () => {
  it('have a default for every field besides the rule', () => {
    expect(circuitBreaker.parse({ failureRate: 0.5 })).toEqual({
      failureRate: 0.5,
      interval: 0,
      minimumCalls: 10,
      slidingWindow: 10_000,
      timeout: 60_000,
      timeoutGrowth: 1,
      timeoutJitter: 0,
      maxTimeout: 600_000,
      logStatusChange: false,
      halfOpen: { permits: 1, maxDuration: 60_000 },
    });
  });

  it('never cap a growing open time below the first one', () => {
    const config = circuitBreaker.parse({ maxErrors: 1, timeout: '1h' });
    expect(config.maxTimeout).toBe(3_600_000);
  });

  it('require at least one rule that opens the breaker', () => {
    expect(faultsOf({ timeout: '10s' })).toEqual([
      'breaker.maxErrors: nothing; a whole number from 1, where no failureRate or slowCallRate opens the breaker',
    ]);
  });

  it.each([
    [{ maxErrors: 3 }],
    [{ failureRate: 1 }],
    [{ slowCallRate: 0.8, slowCallDuration: '1s' }],
    [{ maxErrors: 3, interval: '1m', failureRate: 0.5, minimumCalls: 20 }],
    [{ maxErrors: 3, timeout: '5s', timeoutGrowth: 2, maxTimeout: '1m' }],
    [{ maxErrors: 3, timeoutJitter: 0.2 }],
  ])('accept %j', (options) => {
    expect(faultsOf(options)).toEqual([]);
  });

  it.each([
    [{ failureRate: 0 }, 'failureRate'],
    [{ failureRate: 50 }, 'failureRate'],
    [{ failureRate: NaN }, 'failureRate'],
    [{ slowCallRate: 0.5 }, 'slowCallDuration'],
    [{ maxErrors: 3, slowCallDuration: '1s' }, 'slowCallDuration'],
    [{ maxErrors: 3, minimumCalls: 5 }, 'minimumCalls'],
    [{ maxErrors: 3, slidingWindow: '5s' }, 'slidingWindow'],
    [{ failureRate: 0.5, interval: '1m' }, 'interval'],
    [{ maxErrors: 3, timeoutGrowth: 0.5 }, 'timeoutGrowth'],
    [{ maxErrors: 3, timeoutJitter: 1.5 }, 'timeoutJitter'],
    [{ maxErrors: 3, maxTimeout: '5m' }, 'maxTimeout'],
    [
      { maxErrors: 3, timeout: '5m', timeoutGrowth: 2, maxTimeout: '1m' },
      'maxTimeout',
    ],
  ])('reject %j', (options, key) => {
    expect(faultsOf(options)).toEqual([
      expect.stringMatching(new RegExp(`^breaker\\.${key}: `)),
    ]);
  });
});
