import { Logger } from '@nestjs/common';
import { BreakerConfig } from '../../config/schema/circuit-breaker.schema.js';
import { BreakerSettings } from '../../core/breaker/breaker-settings.js';
import {
  BreakerCounts,
  BreakerState,
  CircuitBreaker,
} from '../../core/breaker/circuit-breaker.js';
import { BreakerRates } from '../../core/breaker/rate-rule.js';
import { Clock } from '../../stores/clock.js';
import { Fleet } from '../../stores/fleet.js';
import { breakerChannel, BreakerTransition } from '../../events.js';
import { BreakerHints } from './breaker-hints.js';

const logger = new Logger('Floodgate');

/**
 * Creates the circuit breaker of one backend. Publishes its changes of state,
 * and, if configured, logs them and announces them to the fleet.
 */
export function backendBreaker(
  backend: string,
  config: BreakerConfig,
  clock: Clock,
  fleet?: Fleet,
): CircuitBreaker {
  const announce = announcer(backend, config);
  const hints =
    config.hints &&
    fleet &&
    new BreakerHints(fleet, `breaker:${backend}`, config.hints.quorum);
  const breaker: CircuitBreaker = new CircuitBreaker(
    breakerSettings(config),
    clock(),
    (from, to, nowMs) => {
      announce(from, to);
      hints?.tell(breaker, to, nowMs);
    },
    Math.random,
  );
  hints?.listen(breaker, clock);
  return breaker;
}

/** Maps the configuration to breaker settings. Without rates, the breaker keeps no sliding window. */
export function breakerSettings(config: BreakerConfig): BreakerSettings {
  const { maxErrors, interval, timeout, halfOpen } = config;
  const { failureRate, slowCallRate, slowCallDuration } = config;
  const { timeoutGrowth, timeoutJitter, maxTimeout } = config;
  const hasRates = failureRate !== undefined || slowCallRate !== undefined;
  const isSteady = timeoutGrowth === 1 && timeoutJitter === 0;
  return {
    maxErrors: maxErrors ?? Infinity,
    intervalMs: interval,
    openMs: timeout,
    halfOpenPermits: halfOpen.permits,
    halfOpenMaxMs: halfOpen.maxDuration,
    openGrowth: isSteady
      ? undefined
      : { factor: timeoutGrowth, maxMs: maxTimeout, jitter: timeoutJitter },
    rates: hasRates
      ? {
          windowMs: config.slidingWindow,
          minimumCalls: config.minimumCalls,
          failureRate: failureRate ?? Infinity,
          slowCallRate: slowCallRate ?? Infinity,
          slowCallMs: slowCallDuration ?? Infinity,
        }
      : undefined,
  };
}

function announcer(
  backend: string,
  { name = backend, logStatusChange }: BreakerConfig,
): (from: BreakerState, to: BreakerState) => void {
  return (from, to) => {
    if (logStatusChange) {
      logger.warn(`circuit breaker "${name}" went from ${from} to ${to}`);
    }
    if (breakerChannel.hasSubscribers) {
      breakerChannel.publish({ backend, from, to } satisfies BreakerTransition);
    }
  };
}

/** The current state of a circuit breaker. */
export interface BreakerView {
  readonly state: BreakerState;
  /** The calls since the last change of state, or since the start of the current `interval`. */
  readonly counts: Readonly<BreakerCounts>;
  /** The failure and slow-call rates in the sliding window; `undefined` if no rate is configured. */
  readonly rates: BreakerRates | undefined;
}

/** The circuit breaker of a backend, to monitor it and to override it manually. */
export class BreakerControl implements BreakerView {
  /** @internal */
  constructor(
    private readonly breaker: CircuitBreaker,
    private readonly clock: Clock,
  ) {}

  get state(): BreakerState {
    return this.breaker.state(this.clock());
  }

  get counts(): Readonly<BreakerCounts> {
    return this.breaker.counts;
  }

  get rates(): BreakerRates | undefined {
    return this.breaker.rates(this.clock());
  }

  /** Isolates the backend: every call rejects with a CircuitOpenException, without `Retry-After`, until `reset()` or `forceClosed()`. */
  forceOpen(): void {
    this.breaker.forceOpen(this.clock());
  }

  /** Lets every call through, regardless of failures, until `reset()` or `forceOpen()`. */
  forceClosed(): void {
    this.breaker.forceClosed(this.clock());
  }

  /** Closes the breaker, clears its counts, and returns it to automatic operation. */
  reset(): void {
    this.breaker.reset(this.clock());
  }
}
