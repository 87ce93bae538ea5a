/** Makes the calls of a trace through a breaker, with the results that a recording writes. */
export class RecordedCalls {
  #breaker;
  #refused;
  #clock;
  /** The permits of calls that have begun, by call id. */
  #permits = new Map();

  /**
   * @param {import('nestjs-floodgate/core').CircuitBreaker} breaker
   * @param {import('nestjs-floodgate/core').Permit} refused
   * @param {import('./breaker-clock.mjs').BreakerClock} clock
   */
  constructor(breaker, refused, clock) {
    this.#breaker = breaker;
    this.#refused = refused;
    this.#clock = clock;
  }

  /** A call that begins and ends at one instant. */
  whole(outcome) {
    const permit = this.#acquire();
    this.#settle(permit, outcome);
    return this.#result(permit);
  }

  begin(id) {
    const permit = this.#acquire();
    this.#permits.set(id, permit);
    return this.#result(permit);
  }

  end(id, outcome) {
    const permit = this.#permits.get(id);
    if (permit === undefined) throw new Error(`call ${id} ends unbegun`);
    this.#settle(permit, outcome);
    return '';
  }

  #acquire() {
    return this.#breaker.tryAcquire(this.#clock.now());
  }

  #settle(permit, outcome) {
    if (permit === this.#refused) return;
    this.#breaker.settle(permit, outcome, this.#clock.now());
  }

  /** A refusal changes no state, so the state still tells why it was refused. */
  #result(permit) {
    if (permit !== this.#refused) return 'ok';
    const isOpen = this.#breaker.state(this.#clock.now()) === 'open';
    return isOpen ? 'open' : 'many';
  }
}
