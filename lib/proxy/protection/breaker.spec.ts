import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Logger } from '@nestjs/common';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { backend } from '../../config/schema/backend.schema.js';
import { backendBreaker } from './breaker.js';

function breakerOf(options: object) {
  const config = backend.parse({
    hosts: ['http://a'],
    circuitBreaker: { maxErrors: 1, timeout: '1s', ...options },
  });
  return backendBreaker('catalog', config.circuitBreaker!, () => 0);
}

/** Fails, recovers, and so goes once through every state. */
function cycle(breaker: ReturnType<typeof breakerOf>): void {
  breaker.settle(breaker.tryAcquire(0), 'failure', 0);
  breaker.settle(breaker.tryAcquire(1001), 'success', 1002);
}

function warnings() {
  const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
  onTestFinished(() => warn.mockRestore());
  return () => warn.mock.calls.map(([message]) => message as string);
}

describe('the breaker of a backend', () => {
  it('keeps no window and draws no jitter unless configured', () => {
    const { rates, openGrowth } = breakerOf({}).settings;
    expect({ rates, openGrowth }).toEqual({});
  });

  it('opens by the configured rates and no others', () => {
    const breaker = breakerOf({ maxErrors: undefined, failureRate: 0.5 });
    expect(breaker.settings).toMatchObject({
      maxErrors: Infinity,
      rates: { failureRate: 0.5, slowCallRate: Infinity, minimumCalls: 10 },
    });
  });

  it('adds its own jitter to its open time', () => {
    const times = Array.from({ length: 20 }, () => {
      const breaker = breakerOf({ timeoutJitter: 0.5 });
      breaker.settle(breaker.tryAcquire(0), 'failure', 0);
      return breaker.retryAfterMs(0);
    });
    expect(new Set(times).size).toBeGreaterThan(1);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...times)).toBeLessThan(1500);
  });

  it('logs each state change under its name when configured', () => {
    const logged = warnings();
    cycle(breakerOf({ logStatusChange: true, name: 'shop-catalog' }));
    expect(logged()).toEqual([
      'circuit breaker "shop-catalog" went from closed to open',
      'circuit breaker "shop-catalog" went from open to half-open',
      'circuit breaker "shop-catalog" went from half-open to closed',
    ]);
  });

  it('logs under the name of its backend when unnamed', () => {
    const logged = warnings();
    cycle(breakerOf({ logStatusChange: true }));
    expect(logged()[0]).toContain('"catalog"');
  });

  it('does not log by default', () => {
    const logged = warnings();
    cycle(breakerOf({}));
    expect(logged()).toEqual([]);
  });

  it('publishes each state change on floodgate:breaker', () => {
    const seen: unknown[] = [];
    const listener = (message: unknown) => seen.push(message);
    subscribe('floodgate:breaker', listener);
    onTestFinished(() => {
      unsubscribe('floodgate:breaker', listener);
    });
    cycle(breakerOf({ name: 'shop-catalog' }));
    expect(seen).toEqual([
      { backend: 'catalog', from: 'closed', to: 'open' },
      { backend: 'catalog', from: 'open', to: 'half-open' },
      { backend: 'catalog', from: 'half-open', to: 'closed' },
    ]);
  });
});
