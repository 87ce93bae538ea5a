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

/** Safe methods (RFC 9110, section 9.2.1): a server may process a hedged request twice. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** With fewer responses, a quantile is not meaningful. */
const ENOUGH_ANSWERS = 20;

/** The dependencies of a hedge. */
export interface HedgeParts {
  readonly policy: HedgePolicy;
  /** Pays for each hedge. */
  readonly budget: RetryBudget;
  readonly clock: Clock;
}

/**
 * Sends a slow safe request again and takes the first response. The other
 * attempts are aborted and not recorded (J. Dean, L. A. Barroso, The Tail at
 * Scale, 2013). Each hedge is an ordinary attempt: it takes tokens and needs a
 * breaker permit.
 */
export function hedge(parts: HedgeParts, next: Next): Next {
  const delay = new HedgeDelay(parts.policy.after);
  return (context) => {
    const { method = 'get' } = context.request;
    if (!SAFE.has(method.toUpperCase())) return next(context);
    return new Race(parts, context, next, delay).run();
  };
}

/** How long to wait for a response before hedging. */
class HedgeDelay {
  private readonly latencies = new LatencyDigest();

  constructor(private readonly after: HedgePolicy['after']) {}

  /** The delay in milliseconds; `Infinity` until there are enough samples. */
  get ms(): number {
    if ('afterMs' in this.after) return this.after.afterMs;
    return this.latencies.count < ENOUGH_ANSWERS
      ? Infinity
      : this.latencies.quantileMs(this.after.quantile);
  }

  /** Records the latency of a response. */
  record(tookMs: number): void {
    if ('quantile' in this.after) this.latencies.record(tookMs);
  }
}

/** One of several racing attempts. It can be abandoned on its own. */
class HedgeAttempt {
  readonly context: CallContext;
  readonly trace: AttemptTrace = {};
  /** Whether it failed; `error` holds the error. */
  hasFailed = false;
  error: unknown;
  private readonly abandoned = new CallSignal();
  private readonly outer: CallSignal | undefined;

  /** @param before the slow attempt, whose host is avoided if there is another */
  constructor(context: CallContext, before?: HedgeAttempt) {
    const { trace, abandoned } = this;
    const avoid = before ? before.trace.turn : context.avoid;
    this.context = Object.assign({}, context, { trace, abandoned, avoid });
    this.outer = context.abandoned;
    this.outer?.onAbort(this.abandon);
  }

  /** How long the backend has had to respond: 0 while the attempt is queued, `Infinity` once it has failed. */
  askedForMs(nowMs: number): number {
    if (this.hasFailed) return Infinity;
    return nowMs - (this.trace.sentAtMs ?? nowMs);
  }

  /** Removes its listener once the attempt is over, including a streamed body. */
  end(answer?: AxiosResponse): void {
    const { outer } = this;
    if (!outer) return;
    const letGo = () => outer.removeEventListener('abort', this.abandon);
    if (answer?.data instanceof Readable) finished(answer.data, letGo);
    else letGo();
  }

  /** Abandons the attempt. It counts as neither success nor failure. */
  readonly abandon = (): void => {
    this.abandoned.abort(undefined);
  };
}

/** The attempts at one request. The first response wins. */
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

  /** Hedges, unless the attempt was queued: time in the queue does not count, and a hedge would only lengthen it. */
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

  /** Fails the call once all attempts have failed, with the error of the first: it is more useful than that of a hedge. */
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
