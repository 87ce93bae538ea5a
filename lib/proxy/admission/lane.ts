import { CanceledError } from 'axios';
import { WaitQueue, Waiting } from '../../core/waiting/wait-queue.js';
import { CallSignal } from '../attempt/call-signal.js';
import { CallPlan } from './call-plans.js';
import { AdmissionRequest, Admitted } from './permit.js';
import { CallRejection } from './rejection.js';

/** A call that waits. It holds nothing, so that whoever gives up leaves everything to the others. */
export class Waiter implements Waiting {
  readonly priority: number;
  /** Settled once: with the permit, or with why there is none. */
  readonly admitted: Promise<Admitted>;
  private readonly signal: CallSignal;
  private resolve!: (admitted: Admitted) => void;
  private reject!: (error: unknown) => void;

  /**
   * @param request the call
   * @param expiresAtMs until when it can wait
   * @param arrival its number among all who came
   * @param leave lets it out of the queue when its caller goes away
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

  /** Ends the wait, with what came of it. */
  settle(admitted: Admitted): void {
    this.signal.removeEventListener('abort', this.onAbort);
    this.resolve(admitted);
  }

  /** Ends the wait of a call that cannot be decided any more. */
  fail(error: unknown): void {
    this.signal.removeEventListener('abort', this.onAbort);
    this.reject(error);
  }

  /** Ends the wait of a call that nobody wants any more. */
  cancel(): void {
    this.fail(new CanceledError());
  }

  private readonly onAbort = (reason: unknown): void => {
    this.leave(this);
    this.fail(reason);
  };
}

/** Those who wait for the same buckets, and what the first of them was last rejected for. */
export class Lane {
  readonly queue = new WaitQueue<Waiter>();
  /** Whether a store in the network is deciding for the first of them. */
  isAsking = false;
  private sinceMs = 0;
  private rejectedMs = 0;

  /** @param lacking what brought the first of them here */
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

  /** Whoever comes now has others before it. */
  get isOccupied(): boolean {
    return this.queue.size > 0 || this.isAsking;
  }

  /** Nobody passes until `dueAtMs`. */
  block(rejection: CallRejection, nowMs: number): void {
    this.lacking = lasting(rejection);
    this.sinceMs = nowMs;
    this.rejectedMs =
      rejection.reason === 'concurrency' ? Infinity : rejection.retryAfterMs;
  }

  /** What was lacking may be there before its time. */
  reopen(): void {
    this.rejectedMs = 0;
  }

  /** Whether it is worth trying again. */
  isDue(nowMs: number): boolean {
    return this.queue.size > 0 && !this.isAsking && this.dueAtMs <= nowMs;
  }

  /** When something has to be done here, if nothing happens before. */
  get wakeAtMs(): number {
    if (this.queue.size === 0) return Infinity;
    const { soonestExpiryMs } = this.queue;
    return this.isAsking
      ? soonestExpiryMs
      : Math.min(this.dueAtMs, soonestExpiryMs);
  }

  /** Lets the first out. */
  leaveFirst(): Waiter | undefined {
    const { head } = this.queue;
    if (head) this.queue.leave(head);
    return head;
  }

  /** Lets all out whose time is over, or will be before anybody here can pass. */
  leaveLate(nowMs: number): Waiter[] {
    const { dueAtMs } = this;
    const isKnown = !this.isAsking && dueAtMs < Infinity;
    return this.queue.leaveExpiring(
      isKnown && dueAtMs > nowMs ? dueAtMs : nowMs,
    );
  }

  /** When those here may pass; `Infinity` while only the end of another call can tell. */
  private get dueAtMs(): number {
    return this.sinceMs + this.rejectedMs;
  }

  /**
   * The least that somebody has to wait here who has others before it. Of a place nobody knows, so that is no bound.
   *
   * @param aheadInLane those in this lane
   * @param aheadInAll those in all lanes of the backend
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

/** A verdict is valid until the next of its plan, and a lane needs it for longer. */
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

/** The lanes of one backend in which somebody waits: one for each plan, so that who lacks an entry's token holds up nobody else. */
export class Lanes implements Iterable<Lane> {
  private readonly byPlan = new Map<CallPlan | undefined, Lane>();

  get isEmpty(): boolean {
    return this.byPlan.size === 0;
  }

  /** Calls that wait, in all lanes. */
  get waiting(): number {
    let waiting = 0;
    for (const { queue } of this) waiting += queue.size;
    return waiting;
  }

  /** When something has to be done, if nothing happens before. */
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

  /** Takes a lane in which somebody waits now. */
  add(lane: Lane): void {
    this.byPlan.set(lane.plan, lane);
  }

  /** Calls that would be served before a newcomer of that priority, were all lanes one. */
  aheadOf(priority: number): number {
    let ahead = 0;
    for (const { queue } of this) ahead += queue.aheadOf(priority);
    return ahead;
  }

  /** The lane, of those worth trying, whose first call comes before those of the others. */
  nextDue(nowMs: number): Lane | undefined {
    let next: Lane | undefined;
    for (const lane of this) {
      if (lane.isDue(nowMs) && (!next || comesBefore(lane, next))) next = lane;
    }
    return next;
  }

  /** Closes the lanes that nobody waits in. */
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
