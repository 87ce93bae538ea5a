import { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import { RetryPolicy } from '../../config/schema/retry.schema.js';
import { backoffMs } from '../../core/retry/backoff.js';
import {
  deadlineAfter,
  earlier,
  remainingMs,
} from '../../core/time/deadline.js';
import { Turn } from '../../core/hosts/host-pool.js';
import { Clock } from '../../stores/clock.js';
import { isRefusal } from '../errors/refusal.js';
import { AttemptReport } from './attempt-report.js';
import type { CallFault } from './call-result.js';
import { CallOrder, CarryOut } from './call-order.js';
import { CallSignal } from './call-signal.js';
import { overlaid } from './overlaid.js';
import { pause } from './pause.js';
import { isSendableAgain } from './sendable-again.js';
import { SpareCalls } from './spare-calls.js';
import { wantedPauseMs } from './wanted-pause.js';

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
  readonly spare: SpareCalls;
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
export function retries(parts: RetryParts, next: CarryOut): CarryOut {
  const { policy } = parts;
  const methods = new Set<string>(policy.methods);
  return (order) =>
    isSendableAgain(order.request, methods)
      ? new Persistence(parts, order, next).carryOut()
      : next(order);
}

/** One call that may be tried several times. */
class Persistence {
  private retriesMade = 0;
  private lastError: unknown;
  private lastTurn: Turn | undefined;

  constructor(
    private readonly parts: RetryParts,
    private readonly order: CallOrder,
    private readonly next: CarryOut,
  ) {}

  async carryOut(): Promise<AxiosResponse> {
    for (;;) {
      const report: AttemptReport = {};
      try {
        const deadline = this.attemptDeadline();
        const own = { deadline, avoid: this.lastTurn, report };
        return await this.next(overlaid(this.order, own));
      } catch (error) {
        const isRefusedRetry = this.retriesMade > 0 && isRefusal(error);
        this.lastError = isRefusedRetry ? this.lastError : error;
        const pauseMs = this.pauseAfter(report);
        if (pauseMs === undefined) throw this.lastError;
        this.lastTurn = report.turn;
        letGoOf(report);
        await pause(pauseMs, this.order, this.parts.closing);
      }
    }
  }

  private attemptDeadline() {
    const { policy, clock } = this.parts;
    const { deadline } = this.order;
    return policy.attemptTimeoutMs === undefined
      ? deadline
      : earlier(deadline, deadlineAfter(policy.attemptTimeoutMs, clock()));
  }

  /** How long to wait for the next attempt, or nothing where there is to be none. */
  private pauseAfter(report: AttemptReport): number | undefined {
    const { policy, spare, clock, random } = this.parts;
    if (this.retriesMade >= policy.limit || !this.mayPass(report)) {
      return undefined;
    }
    const pauseMs = Math.max(
      backoffMs(policy, this.retriesMade + 1, random()),
      wantedPauseMs(report.answer, Date.now()),
    );
    if (pauseMs >= remainingMs(this.order.deadline, clock())) return undefined;
    if (!spare.take(clock())) return undefined;
    this.retriesMade++;
    return pauseMs;
  }

  private mayPass({ fault, answer }: AttemptReport): boolean {
    if (fault === 'status') {
      return this.parts.policy.statusCodes.includes(answer!.status);
    }
    return PASSING.has(fault);
  }
}

/** An answer that nobody will read must not keep its connection. */
function letGoOf({ answer }: AttemptReport): void {
  if (answer?.data instanceof Readable) answer.data.destroy();
}
