import { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import { RetryPolicy } from '../../config/schema/retry.schema.js';
import { backoffMs, RetryBudget } from '../../core/retry/retries.js';
import {
  deadlineAfter,
  earlier,
  remainingMs,
} from '../../core/time/deadline.js';
import { Turn } from '../../core/hosts/host-pool.js';
import { Clock } from '../../stores/clock.js';
import { CallSignal, onCancel } from '../attempt/call-signal.js';
import type { CallFault } from '../attempt/outcome.js';
import { retryAfterMs } from '../protection/retry-after.js';
import type { AttemptTrace, CallContext, Next } from './call-context.js';
import { isReplayable } from './resend.js';

/** Faults that may not meet the next attempt. */
const PASSING: ReadonlySet<CallFault | undefined> = new Set<CallFault>([
  'stale',
  'timeout',
  'unreachable',
]);

/** What retries are made with. */
export interface RetryParts {
  readonly policy: RetryPolicy;
  /** Pays for each retry. */
  readonly budget: RetryBudget;
  readonly clock: Clock;
  readonly random: () => number;
  /** Ends the pauses of a backend that is closed. */
  readonly closing: CallSignal;
}

/**
 * Tries a call again that failed for reasons which may pass: each retry is an
 * attempt like the first, pays its tokens and asks the breaker. It ends with
 * the backend's last error once there is no time, no budget or no leave for
 * another.
 */
export function retry(parts: RetryParts, next: Next): Next {
  const methods = new Set<string>(parts.policy.methods);
  return (context) => new RetryLoop(parts, methods, context, next).run();
}

/** One call that may be tried several times. */
class RetryLoop {
  private retriesMade = 0;
  private lastError: unknown;
  private lastTurn: Turn | undefined;

  constructor(
    private readonly parts: RetryParts,
    private readonly methods: ReadonlySet<string>,
    private readonly context: CallContext,
    private readonly next: Next,
  ) {
    this.lastTurn = context.avoid;
  }

  async run(): Promise<AxiosResponse> {
    for (;;) {
      const trace: AttemptTrace = {};
      try {
        return await this.next(
          Object.assign({}, this.context, this.ownOf(trace)),
        );
      } catch (error) {
        const isRejectedRetry = this.retriesMade > 0 && trace.rejection;
        this.lastError = isRejectedRetry ? this.lastError : error;
        const pauseMs = this.pauseAfter(trace);
        if (pauseMs === undefined) throw this.lastError;
        this.lastTurn = trace.turn;
        letGoOf(trace);
        await pause(pauseMs, this.context, trace, this.parts.closing);
      }
    }
  }

  /** What an attempt has for itself: the time that it may take, a host that did not fail, a trace. */
  private ownOf(trace: AttemptTrace) {
    const { policy, clock } = this.parts;
    const { deadline, latest } = this.context;
    const avoid = this.lastTurn;
    if (policy.attemptTimeoutMs === undefined) {
      return { deadline, latest, avoid, trace };
    }
    const attempt = deadlineAfter(policy.attemptTimeoutMs, clock());
    return {
      deadline: earlier(deadline, attempt),
      latest: earlier(latest, attempt),
      avoid,
      trace,
    };
  }

  /** How long to wait for the next attempt, or nothing where there is to be none. */
  private pauseAfter(trace: AttemptTrace): number | undefined {
    const { policy, budget, clock, random } = this.parts;
    if (this.retriesMade >= policy.limit || !this.mayPass(trace)) {
      return undefined;
    }
    const { headers } = trace.answer ?? {};
    const pauseMs = Math.max(
      backoffMs(policy, this.retriesMade + 1, random()),
      retryAfterMs(headers?.['retry-after'], Date.now()),
    );
    if (pauseMs >= remainingMs(this.context.deadline, clock())) {
      return undefined;
    }
    if (!budget.withdraw(clock())) return undefined;
    this.retriesMade++;
    return pauseMs;
  }

  private mayPass(trace: AttemptTrace): boolean {
    if (!isReplayable(this.context.request, trace, this.methods)) return false;
    if (trace.fault !== 'status') return PASSING.has(trace.fault);
    return this.parts.policy.statusCodes.includes(trace.answer!.status);
  }
}

/** An answer that nobody will read must not keep its connection. */
function letGoOf({ answer }: AttemptTrace): void {
  if (answer?.data instanceof Readable) answer.data.destroy();
}

/** Waits, or less where the caller of the call goes away or the backend is closed: the next attempt then finds that out. */
function pause(
  forMs: number,
  { life, request }: CallContext,
  { sent }: AttemptTrace,
  closing: CallSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const forgets: (() => void)[] = [];
    const end = (): void => {
      clearTimeout(timer);
      life?.offEnd(end);
      closing.removeEventListener('abort', end);
      for (const forget of forgets) forget();
      resolve();
    };
    const timer = setTimeout(end, forMs);
    life?.onEnd(end);
    closing.addEventListener('abort', end);
    // Either may be cancelled already, which ends the pause here and now.
    forgets.push(onCancel(request, end));
    if (sent) forgets.push(onCancel(sent, end));
  });
}
