import { describe, expect, it } from 'vitest';
import {
  BreakerSettings,
  CircuitBreaker,
  Permit,
  REFUSED,
} from './circuit-breaker.js';

/** When the breakers below become half-open. */
const HALF_OPEN_MS = 10_001;

/** A breaker that opened at 0 ms for ten seconds. */
function openBreaker(changes: Partial<BreakerSettings> = {}): CircuitBreaker {
  const breaker = new CircuitBreaker({
    maxErrors: 1,
    intervalMs: 0,
    openMs: 10_000,
    halfOpenPermits: 1,
    halfOpenMaxMs: 30_000,
    ...changes,
  });
  breaker.settle(breaker.tryAcquire(0), 'failure', 0);
  return breaker;
}

function permitsAt(
  breaker: CircuitBreaker,
  asked: number,
  nowMs: number,
): Permit[] {
  return Array.from({ length: asked }, () => breaker.tryAcquire(nowMs)).filter(
    (permit) => permit !== REFUSED,
  );
}

describe('a half-open CircuitBreaker', () => {
  it.each([1, 2, 3])('admits %d probes and no more', (halfOpenPermits) => {
    const breaker = openBreaker({ halfOpenPermits });
    const probes = permitsAt(breaker, 10, HALF_OPEN_MS);
    expect(probes).toHaveLength(halfOpenPermits);
    expect(breaker.counts.requests).toBe(halfOpenPermits);
    expect(breaker.retryAfterMs(HALF_OPEN_MS)).toBe(0);
  });

  it('closes once all its probes in a row have succeeded', () => {
    const breaker = openBreaker({ halfOpenPermits: 2 });
    const [first, second] = permitsAt(breaker, 2, HALF_OPEN_MS);
    breaker.settle(first, 'success', HALF_OPEN_MS + 1);
    expect(breaker.state(HALF_OPEN_MS + 1)).toBe('half-open');
    breaker.settle(second, 'success', HALF_OPEN_MS + 2);
    expect(breaker.state(HALF_OPEN_MS + 2)).toBe('closed');
    expect(breaker.counts.requests).toBe(0);
  });

  it('opens again for openMs on the first failed probe', () => {
    const breaker = openBreaker({ halfOpenPermits: 2 });
    const [first, second] = permitsAt(breaker, 2, HALF_OPEN_MS);
    breaker.settle(first, 'success', HALF_OPEN_MS + 1);
    breaker.settle(second, 'failure', HALF_OPEN_MS + 2);
    expect(breaker.state(HALF_OPEN_MS + 2)).toBe('open');
    expect(breaker.retryAfterMs(HALF_OPEN_MS + 2)).toBe(10_000);
  });

  it('gives the permit of an ignored probe to another call', () => {
    const breaker = openBreaker();
    const [probe] = permitsAt(breaker, 1, HALF_OPEN_MS);
    expect(permitsAt(breaker, 1, HALF_OPEN_MS)).toEqual([]);
    breaker.settle(probe, 'ignored', HALF_OPEN_MS + 1);
    expect(breaker.state(HALF_OPEN_MS + 1)).toBe('half-open');
    expect(permitsAt(breaker, 5, HALF_OPEN_MS + 1)).toHaveLength(1);
  });

  it('drops the result of a probe from an earlier half-open period', () => {
    const breaker = openBreaker({ halfOpenPermits: 2 });
    const [slow, failed] = permitsAt(breaker, 2, HALF_OPEN_MS);
    breaker.settle(failed, 'failure', HALF_OPEN_MS);
    const again = 2 * HALF_OPEN_MS;
    const [probe] = permitsAt(breaker, 1, again);
    breaker.settle(slow, 'failure', again);
    expect(breaker.state(again)).toBe('half-open');
    breaker.settle(slow, 'success', again);
    expect(breaker.counts.successes).toBe(0);
    breaker.settle(probe, 'success', again);
    expect(breaker.counts.successes).toBe(1);
  });
});

describe('a half-open CircuitBreaker with a hanging probe', () => {
  const HUNG_MS = HALF_OPEN_MS + 30_000;

  it('never exceeds its permits under 1,000 callers, and recovers', () => {
    const breaker = openBreaker({ halfOpenPermits: 3 });
    expect(permitsAt(breaker, 1000, HALF_OPEN_MS)).toHaveLength(3);
    expect(permitsAt(breaker, 1000, HUNG_MS)).toEqual([]);
    expect(permitsAt(breaker, 1000, HUNG_MS + 1)).toEqual([]);
    const again = HUNG_MS + 1 + HALF_OPEN_MS;
    const probes = permitsAt(breaker, 1000, again);
    expect(probes).toHaveLength(3);
    for (const probe of probes) breaker.settle(probe, 'success', again);
    expect(permitsAt(breaker, 1000, again)).toHaveLength(1000);
  });

  it('waits for the probe until halfOpenMaxMs have passed, then opens', () => {
    const breaker = openBreaker();
    permitsAt(breaker, 1, HALF_OPEN_MS);
    expect(breaker.state(HUNG_MS)).toBe('half-open');
    expect(permitsAt(breaker, 1, HUNG_MS)).toEqual([]);
    expect(breaker.state(HUNG_MS + 1)).toBe('open');
    expect(breaker.retryAfterMs(HUNG_MS + 1)).toBe(10_000);
  });

  it('admits another probe after openMs and drops the result of the hanging one', () => {
    const breaker = openBreaker();
    const [hung] = permitsAt(breaker, 1, HALF_OPEN_MS);
    expect(breaker.state(HUNG_MS + 1)).toBe('open');
    const again = HUNG_MS + 1 + HALF_OPEN_MS;
    const [probe] = permitsAt(breaker, 1, again);
    breaker.settle(hung, 'failure', again);
    expect(breaker.state(again)).toBe('half-open');
    breaker.settle(probe, 'success', again);
    expect(breaker.state(again)).toBe('closed');
  });

  it('opens although its other probes succeeded', () => {
    const breaker = openBreaker({ halfOpenPermits: 2 });
    const [, quick] = permitsAt(breaker, 2, HALF_OPEN_MS);
    breaker.settle(quick, 'success', HALF_OPEN_MS + 1);
    expect(breaker.state(HUNG_MS + 1)).toBe('open');
  });

  it('waits forever when configured to', () => {
    const breaker = openBreaker({ halfOpenMaxMs: Infinity });
    permitsAt(breaker, 1, HALF_OPEN_MS);
    expect(breaker.state(1e12)).toBe('half-open');
    expect(permitsAt(breaker, 1, 1e12)).toEqual([]);
  });

  it('does not mistake a lack of calls for a hanging probe', () => {
    const breaker = openBreaker();
    expect(breaker.state(HALF_OPEN_MS)).toBe('half-open');
    expect(breaker.state(HUNG_MS + 1)).toBe('half-open');
    expect(permitsAt(breaker, 1, 10 * HUNG_MS)).toHaveLength(1);
    expect(breaker.state(10 * HUNG_MS + 30_000)).toBe('half-open');
  });

  it('does not mistake the time after an ignored probe for a hanging probe', () => {
    const breaker = openBreaker();
    const [probe] = permitsAt(breaker, 1, HALF_OPEN_MS);
    breaker.settle(probe, 'ignored', HALF_OPEN_MS);
    expect(breaker.state(HUNG_MS + 1)).toBe('half-open');
    expect(permitsAt(breaker, 1, HUNG_MS + 1)).toHaveLength(1);
  });
});
