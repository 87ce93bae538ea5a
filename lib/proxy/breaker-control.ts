import {
  BreakerCounts,
  BreakerState,
  CircuitBreaker,
} from '../core/breaker/circuit-breaker.js';
import { BreakerRates } from '../core/breaker/rate-rule.js';
import { Clock } from '../stores/clock.js';

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
