import type { AxiosResponse } from 'axios';
import { HedgePolicy } from '../../config/schema/retry.schema.js';
import { remainingMs } from '../../core/time/deadline.js';
import { Clock } from '../../stores/clock.js';
import { CallOrder, CarryOut } from './call-order.js';
import { HedgeDelay } from './hedge-delay.js';
import { Leg } from './hedge-leg.js';
import { isSendableAgain } from './sendable-again.js';
import { SpareCalls } from './spare-calls.js';

/** RFC 9110, 9.2.1: what a server does at most twice must have no effect at all. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What hedges are made with. */
export interface HedgeParts {
  readonly policy: HedgePolicy;
  /** Pays for each hedge. */
  readonly spare: SpareCalls;
  readonly clock: Clock;
}

/**
 * Asks again for a safe read that is slow, and takes the answer that comes
 * first; the others are aborted and say nothing about the backend (J. Dean,
 * L. A. Barroso, The Tail at Scale, 2013). Each hedge is an attempt like any
 * other: it pays its tokens and asks the breaker.
 */
export function hedging(parts: HedgeParts, next: CarryOut): CarryOut {
  const delay = new HedgeDelay(parts.policy.after);
  return (order) => {
    if (!isSendableAgain(order.request, SAFE)) return next(order);
    const delayMs = delay.ms;
    const race = new Race(parts, order, next, delay, delayMs);
    return race.run();
  };
}

/** The attempts at one read, of which the first to be answered counts. */
class Race {
  private readonly legs: Leg[] = [];
  private running = 0;
  private isWon = false;
  private timer: NodeJS.Timeout | undefined;
  private resolve!: (answer: AxiosResponse) => void;
  private reject!: (error: unknown) => void;

  constructor(
    private readonly parts: HedgeParts,
    private readonly order: CallOrder,
    private readonly next: CarryOut,
    private readonly delay: HedgeDelay,
    private readonly delayMs: number,
  ) {}

  run(): Promise<AxiosResponse> {
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.start();
    });
  }

  private start(): void {
    const leg = new Leg(this.order, this.legs.at(-1));
    this.legs.push(leg);
    this.running++;
    void this.next(leg.order).then(
      (answer) => this.win(leg, answer),
      (error: unknown) => this.lose(leg, error),
    );
    this.expectHedge(leg, this.delayMs);
  }

  private expectHedge(slow: Leg, afterMs: number): void {
    const leftMs = remainingMs(this.order.deadline, this.parts.clock());
    const isLast = this.legs.length > this.parts.policy.max;
    if (isLast || afterMs >= leftMs) return;
    this.timer = setTimeout(() => this.hedge(slow), afterMs);
  }

  /** A read that waited for its turn is not slow yet: its hedge would only make the line longer. */
  private hedge(slow: Leg): void {
    const { spare, clock } = this.parts;
    const nowMs = clock();
    const earlyMs = this.delayMs - slow.askedForMs(nowMs);
    if (earlyMs > 0) this.expectHedge(slow, earlyMs);
    else if (spare.take(nowMs)) this.start();
  }

  private win(winner: Leg, answer: AxiosResponse): void {
    this.delay.record(winner.askedForMs(this.parts.clock()));
    winner.end(answer);
    if (this.isWon) return;
    this.isWon = true;
    clearTimeout(this.timer);
    for (const leg of this.legs) if (leg !== winner) leg.abort();
    this.resolve(answer);
  }

  /** While another runs, a failed leg is not the end; and the first error tells more than that of a hedge. */
  private lose(leg: Leg, error: unknown): void {
    leg.end();
    leg.error = error;
    this.running--;
    if (this.isWon || this.running > 0) return;
    clearTimeout(this.timer);
    const [first] = this.legs;
    if (this.order.report) Object.assign(this.order.report, first.report);
    this.reject(first.error);
  }
}
