import { RateSettings } from './breaker-settings.js';
import { CallWindow } from './call-window.js';

/** The calls in a breaker's sliding window, and their shares from 0 to 1. */
export interface BreakerRates {
  readonly calls: number;
  readonly failureRate: number;
  readonly slowCallRate: number;
}

/** Opens a breaker by the share of failing or slow calls in a sliding window. */
export class RateRule {
  private readonly window: CallWindow;

  constructor(private readonly settings: RateSettings) {
    this.window = new CallWindow(settings.windowMs);
  }

  /** Whether a call that took this long is slow. */
  isSlow(tookMs: number): boolean {
    return tookMs > this.settings.slowCallMs;
  }

  /** Adds the result of a call. */
  add(isFailure: boolean, isSlow: boolean, nowMs: number): void {
    this.window.add(isFailure, isSlow, nowMs);
  }

  /** Whether the shares, as of the latest result, require the breaker to open. */
  get isBroken(): boolean {
    const { minimumCalls, failureRate, slowCallRate } = this.settings;
    const { calls, failures, slowCalls } = this.window;
    return (
      calls >= minimumCalls &&
      (failures / calls >= failureRate || slowCalls / calls >= slowCallRate)
    );
  }

  /** The shares at `nowMs`; 0 without calls. */
  rates(nowMs: number): BreakerRates {
    this.window.moveTo(nowMs);
    const { calls, failures, slowCalls } = this.window;
    const among = Math.max(calls, 1);
    return {
      calls,
      failureRate: failures / among,
      slowCallRate: slowCalls / among,
    };
  }

  /** Drops every call. */
  clear(): void {
    this.window.clear();
  }
}
