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
 * The breaker of one backend; its changes of state are published, logged where
 * the configuration asks for it, and told to the fleet where it asks for that.
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

/** What is not configured is not there: a breaker without rates keeps no window. */
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

/** A breaker as it stands now. */
export interface BreakerView {
  readonly state: BreakerState;
  /** The calls of the present generation: since the last change of state, or the last `interval`. */
  readonly counts: Readonly<BreakerCounts>;
  /** The shares in the sliding window, where the breaker goes by shares. */
  readonly rates: BreakerRates | undefined;
}

/** The breaker of a backend in the hands of the application: to be read, and to be overruled by whoever operates it. */
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

  /** Refuses every call with a CircuitOpenException, without `Retry-After`, until `reset()`: to keep away from a backend on purpose. */
  forceOpen(): void {
    this.breaker.forceOpen(this.clock());
  }

  /** Lets every call through until `reset()`, whatever comes back. */
  forceClosed(): void {
    this.breaker.forceClosed(this.clock());
  }

  /** Closes the breaker, forgets what it counted, and lets it go by results again. */
  reset(): void {
    this.breaker.reset(this.clock());
  }
}
