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

/** Transient faults. */
const PASSING: ReadonlySet<CallFault | undefined> = new Set<CallFault>([
  'stale',
  'timeout',
  'unreachable',
]);

/** The dependencies of a retry. */
export interface RetryParts {
  readonly policy: RetryPolicy;
  /** Pays for each retry. */
  readonly budget: RetryBudget;
  readonly clock: Clock;
  readonly random: () => number;
  /** Ends delays when the backend is closed. */
  readonly closing: CallSignal;
}

/**
 * Retries a call after a transient failure. Each retry is an ordinary attempt:
 * it takes tokens and needs a breaker permit. Without time, budget or a permit
 * for another attempt, the call fails with the last error of the backend.
 */
export function retry(parts: RetryParts, next: Next): Next {
  const methods = new Set<string>(parts.policy.methods);
  return (context) => new RetryLoop(parts, methods, context, next).run();
}

/** The attempts of one call. */
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

  /** The context of one attempt: its deadline, the host to avoid, a trace. */
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

  /** The delay before the next attempt in milliseconds; `undefined` if there is none. */
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

/** Discards an unread response, to free its connection. */
function letGoOf({ answer }: AttemptTrace): void {
  if (answer?.data instanceof Readable) answer.data.destroy();
}

/** Waits. Ends early if the call is cancelled or the backend is closed; the next attempt then fails. */
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
    // Either may already be cancelled, which ends the delay immediately.
    forgets.push(onCancel(request, end));
    if (sent) forgets.push(onCancel(sent, end));
  });
}
