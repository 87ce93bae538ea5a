import { finished, Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import { HedgePolicy } from '../../config/schema/retry.schema.js';
import { LatencyDigest } from '../../core/latency/latency-digest.js';
import { RetryBudget } from '../../core/retry/retries.js';
import { remainingMs } from '../../core/time/deadline.js';
import { Clock } from '../../stores/clock.js';
import { CallSignal } from '../attempt/call-signal.js';
import type { AttemptTrace, CallContext, Next } from './call-context.js';
import { isReplayable } from './resend.js';

/** RFC 9110, 9.2.1: what a server does at most twice must have no effect at all. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** With fewer answers than this a quantile is chance. */
const ENOUGH_ANSWERS = 20;

/** What hedges are made with. */
export interface HedgeParts {
  readonly policy: HedgePolicy;
  /** Pays for each hedge. */
  readonly budget: RetryBudget;
  readonly clock: Clock;
}

/**
 * Asks again for a safe read that is slow, and takes the answer that comes
 * first; the others are aborted and say nothing about the backend (J. Dean,
 * L. A. Barroso, The Tail at Scale, 2013). Each hedge is an attempt like any
 * other: it pays its tokens and asks the breaker.
 */
export function hedge(parts: HedgeParts, next: Next): Next {
  const delay = new HedgeDelay(parts.policy.after);
  return (context) => {
    const { method = 'get' } = context.request;
    if (!SAFE.has(method.toUpperCase())) return next(context);
    return new Race(parts, context, next, delay).run();
  };
}

/** How long a read may be without an answer before it is asked for again. */
class HedgeDelay {
  private readonly latencies = new LatencyDigest();

  constructor(private readonly after: HedgePolicy['after']) {}

  /** In milliseconds; `Infinity` while too little is known. */
  get ms(): number {
    if ('afterMs' in this.after) return this.after.afterMs;
    return this.latencies.count < ENOUGH_ANSWERS
      ? Infinity
      : this.latencies.quantileMs(this.after.quantile);
  }

  /** Takes note of how long an answer took. */
  record(tookMs: number): void {
    if ('quantile' in this.after) this.latencies.record(tookMs);
  }
}

/** One of the attempts at a read that race; it can be given up without the others. */
class HedgeAttempt {
  readonly context: CallContext;
  readonly trace: AttemptTrace = {};
  /** Whether it ended without an answer, and with which error. */
  hasFailed = false;
  error: unknown;
  private readonly abandoned = new CallSignal();
  private readonly outer: CallSignal | undefined;

  /** @param before the attempt that is slow, whose host is not asked twice where there is another */
  constructor(context: CallContext, before?: HedgeAttempt) {
    const { trace, abandoned } = this;
    const avoid = before ? before.trace.turn : context.avoid;
    this.context = Object.assign({}, context, { trace, abandoned, avoid });
    this.outer = context.abandoned;
    this.outer?.onAbort(this.abandon);
  }

  /** How long the backend has had to answer it: not at all while it waits to be sent, long enough once it failed. */
  askedForMs(nowMs: number): number {
    if (this.hasFailed) return Infinity;
    return nowMs - (this.trace.sentAtMs ?? nowMs);
  }

  /** Lets go of what is around it once nothing is left to give up; a stream lives on after its answer. */
  end(answer?: AxiosResponse): void {
    const { outer } = this;
    if (!outer) return;
    const letGo = () => outer.removeEventListener('abort', this.abandon);
    if (answer?.data instanceof Readable) finished(answer.data, letGo);
    else letGo();
  }

  /** Gives it up; it counts as neither success nor failure. */
  readonly abandon = (): void => {
    this.abandoned.abort(undefined);
  };
}

/** The attempts at one read, of which the first to be answered counts. */
class Race {
  private readonly attempts: HedgeAttempt[] = [];
  private running = 0;
  private isWon = false;
  private timer: NodeJS.Timeout | undefined;
  private resolve!: (answer: AxiosResponse) => void;
  private reject!: (error: unknown) => void;
  private readonly delayMs: number;

  constructor(
    private readonly parts: HedgeParts,
    private readonly context: CallContext,
    private readonly next: Next,
    private readonly delay: HedgeDelay,
  ) {
    this.delayMs = delay.ms;
  }

  run(): Promise<AxiosResponse> {
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.start();
    });
  }

  private start(): void {
    const attempt = new HedgeAttempt(this.context, this.attempts.at(-1));
    this.attempts.push(attempt);
    this.running++;
    void this.next(attempt.context).then(
      (answer) => this.win(attempt, answer),
      (error: unknown) => this.lose(attempt, error),
    );
    this.expectHedge(attempt, this.delayMs);
  }

  private expectHedge(slow: HedgeAttempt, afterMs: number): void {
    const leftMs = remainingMs(this.context.deadline, this.parts.clock());
    const isLast = this.attempts.length > this.parts.policy.max;
    if (isLast || afterMs >= leftMs) return;
    this.timer = setTimeout(() => this.hedge(slow), afterMs);
  }

  /** A read that waited for its turn is not slow yet: its hedge would only make the queue longer. */
  private hedge(slow: HedgeAttempt): void {
    const { budget, clock } = this.parts;
    const nowMs = clock();
    const earlyMs = this.delayMs - slow.askedForMs(nowMs);
    if (earlyMs > 0) this.expectHedge(slow, earlyMs);
    else if (this.mayHedge(slow) && budget.withdraw(nowMs)) this.start();
  }

  private mayHedge({ trace }: HedgeAttempt): boolean {
    return isReplayable(this.context.request, trace, SAFE);
  }

  private win(winner: HedgeAttempt, answer: AxiosResponse): void {
    this.delay.record(winner.askedForMs(this.parts.clock()));
    winner.end(answer);
    if (this.isWon) return;
    this.isWon = true;
    clearTimeout(this.timer);
    for (const attempt of this.attempts) {
      if (attempt !== winner) attempt.abandon();
    }
    this.resolve(answer);
  }

  /** While another runs, a failed attempt is not the end; and the first error tells more than that of a hedge. */
  private lose(attempt: HedgeAttempt, error: unknown): void {
    attempt.end();
    attempt.hasFailed = true;
    attempt.error = error;
    this.running--;
    if (this.isWon || this.running > 0) return;
    clearTimeout(this.timer);
    const [first] = this.attempts;
    if (this.context.trace) Object.assign(this.context.trace, first.trace);
    this.reject(first.error);
  }
}
