import { CanceledError } from 'axios';
import { WaitQueue, Waiting } from '../../core/waiting/wait-queue.js';
import { CallSignal } from '../attempt/call-signal.js';
import { CallPlan } from './call-plans.js';
import { AdmissionRequest, Admitted } from './permit.js';
import { CallRejection } from './rejection.js';

/** A queued call. It holds no tokens or slots, so giving up has nothing to release. */
export class Waiter implements Waiting {
  readonly priority: number;
  /** Settles once, with a permit or a rejection. */
  readonly admitted: Promise<Admitted>;
  private readonly signal: CallSignal;
  private resolve!: (admitted: Admitted) => void;
  private reject!: (error: unknown) => void;

  /**
   * @param request the call
   * @param expiresAtMs when it stops waiting, in monotonic milliseconds
   * @param arrival its sequence number
   * @param leave removes it from the queue when its caller aborts
   */
  constructor(
    { priority = 0, signal }: AdmissionRequest,
    readonly expiresAtMs: number,
    readonly arrival: number,
    private readonly leave: (waiter: Waiter) => void,
  ) {
    this.priority = priority;
    this.signal = signal;
    this.admitted = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    signal.addEventListener('abort', this.onAbort);
  }

  /** Ends the wait with a permit or a rejection. */
  settle(admitted: Admitted): void {
    this.signal.removeEventListener('abort', this.onAbort);
    this.resolve(admitted);
  }

  /** Ends the wait with an error. */
  fail(error: unknown): void {
    this.signal.removeEventListener('abort', this.onAbort);
    this.reject(error);
  }

  /** Ends the wait with a CanceledError. */
  cancel(): void {
    this.fail(new CanceledError());
  }

  private readonly onAbort = (reason: unknown): void => {
    this.leave(this);
    this.fail(reason);
  };
}

/** The calls queued for one plan, and the last rejection of the first of them. */
export class Lane {
  readonly queue = new WaitQueue<Waiter>();
  /** Whether a remote store is deciding for the first call. */
  isAsking = false;
  private sinceMs = 0;
  private rejectedMs = 0;

  /** @param lacking why the first call could not pass */
  constructor(
    readonly plan: CallPlan | undefined,
    private lacking: CallRejection,
    nowMs: number,
  ) {
    this.block(lacking, nowMs);
  }

  get rejection(): CallRejection {
    return this.lacking;
  }

  /** Whether a new call must wait behind others. */
  get isOccupied(): boolean {
    return this.queue.size > 0 || this.isAsking;
  }

  /** Blocks the lane until `dueAtMs`. */
  block(rejection: CallRejection, nowMs: number): void {
    this.lacking = lasting(rejection);
    this.sinceMs = nowMs;
    this.rejectedMs =
      rejection.reason === 'concurrency' ? Infinity : rejection.retryAfterMs;
  }

  /** Unblocks the lane: what was missing may now be available. */
  reopen(): void {
    this.rejectedMs = 0;
  }

  /** Whether the first call should try again. */
  isDue(nowMs: number): boolean {
    return this.queue.size > 0 && !this.isAsking && this.dueAtMs <= nowMs;
  }

  /** When this lane next needs attention. */
  get wakeAtMs(): number {
    if (this.queue.size === 0) return Infinity;
    const { soonestExpiryMs } = this.queue;
    return this.isAsking
      ? soonestExpiryMs
      : Math.min(this.dueAtMs, soonestExpiryMs);
  }

  /** Removes and returns the first call. */
  leaveFirst(): Waiter | undefined {
    const { head } = this.queue;
    if (head) this.queue.leave(head);
    return head;
  }

  /** Removes and returns all calls that have expired, or will expire before the lane is due. */
  leaveLate(nowMs: number): Waiter[] {
    const { dueAtMs } = this;
    const isKnown = !this.isAsking && dueAtMs < Infinity;
    return this.queue.leaveExpiring(
      isKnown && dueAtMs > nowMs ? dueAtMs : nowMs,
    );
  }

  /** When the lane may be served; `Infinity` while that depends on another call ending. */
  private get dueAtMs(): number {
    return this.sinceMs + this.rejectedMs;
  }

  /**
   * The minimum wait for a new call; 0 for a concurrency slot, since we cannot
   * predict when one frees up.
   *
   * @param aheadInLane calls ahead of it in this lane
   * @param aheadInAll calls ahead of it in all lanes of the backend
   */
  waitMs(aheadInLane: number, aheadInAll: number, nowMs: number): number {
    const { lacking, sinceMs } = this;
    if (lacking.reason === 'concurrency') return 0;
    let totalMs = lacking.retryAfterMs;
    if (lacking.reason === 'rate-limit' && this.plan) {
      for (const [i, { tokensPerMs, isOwn }] of this.plan.limits.entries()) {
        const ahead = isOwn ? aheadInAll : aheadInLane;
        const missing = ahead + 1 - lacking.verdict.tokens[i];
        totalMs = Math.max(totalMs, missing / tokensPerMs);
      }
    }
    return Math.max(0, totalMs - (nowMs - sinceMs));
  }
}

/** Copies a verdict: its buffers are reused by the next decision of the plan. */
function lasting(rejection: CallRejection): CallRejection {
  if (rejection.reason !== 'rate-limit') return rejection;
  const { admitted, retryAfterMs, waitsMs, tokens } = rejection.verdict;
  const verdict = {
    admitted,
    retryAfterMs,
    waitsMs: Array.from(waitsMs),
    tokens: Array.from(tokens),
  };
  return { ...rejection, verdict };
}

/** The occupied lanes of one backend, one per plan, so that an entry without tokens does not block the others. */
export class Lanes implements Iterable<Lane> {
  private readonly byPlan = new Map<CallPlan | undefined, Lane>();

  get isEmpty(): boolean {
    return this.byPlan.size === 0;
  }

  /** Number of queued calls in all lanes. */
  get waiting(): number {
    let waiting = 0;
    for (const { queue } of this) waiting += queue.size;
    return waiting;
  }

  /** When the first lane needs attention. */
  get wakeAtMs(): number {
    let soonestMs = Infinity;
    for (const { wakeAtMs } of this) soonestMs = Math.min(soonestMs, wakeAtMs);
    return soonestMs;
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.byPlan.values();
  }

  find(plan: CallPlan | undefined): Lane | undefined {
    return this.byPlan.get(plan);
  }

  /** Adds an occupied lane. */
  add(lane: Lane): void {
    this.byPlan.set(lane.plan, lane);
  }

  /** Number of queued calls, in all lanes, that go before a new call of the given priority. */
  aheadOf(priority: number): number {
    let ahead = 0;
    for (const { queue } of this) ahead += queue.aheadOf(priority);
    return ahead;
  }

  /** The due lane whose first call has precedence over the others. */
  nextDue(nowMs: number): Lane | undefined {
    let next: Lane | undefined;
    for (const lane of this) {
      if (lane.isDue(nowMs) && (!next || comesBefore(lane, next))) next = lane;
    }
    return next;
  }

  /** Removes empty lanes. */
  closeUnused(): void {
    for (const [plan, lane] of this.byPlan) {
      if (!lane.isOccupied) this.byPlan.delete(plan);
    }
  }
}

function comesBefore({ queue: a }: Lane, { queue: b }: Lane): boolean {
  const byPriority = b.head!.priority - a.head!.priority;
  return (byPriority || a.head!.arrival - b.head!.arrival) < 0;
}
