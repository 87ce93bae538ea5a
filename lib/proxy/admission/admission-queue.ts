import { CanceledError } from 'axios';
import { Patience } from '../../config/schema/waiting.js';
import { LONGEST_TIMER_MS } from '../../core/time/deadline.js';
import { Clock } from '../../stores/clock.js';
import { CallPlan } from './call-plans.js';
import { Lane, Lanes, Waiter } from './lane.js';
import { AdmissionRequest, Admitted, CallPermit } from './permit.js';
import { CallRejection } from './rejection.js';

/** What queued calls wait to pass. */
export interface QueueGate {
  /** Tries to admit a call now. Returns a promise only if the store is asynchronous. */
  tryPass(
    plan: CallPlan | undefined,
    nowMs: number,
  ): Admitted | Promise<Admitted>;
  /** Whether it rejects every call, regardless of tokens and slots. */
  isShut(nowMs: number): boolean;
  /** Releases everything that an unused permit holds. */
  undo(plan: CallPlan | undefined, permit: CallPermit): void;
}

/**
 * The queue in front of a gate. Queued calls are served in order. They hold
 * nothing while they wait; tokens and slots are taken when a call is sent. A
 * call that cannot be served in time is rejected immediately.
 *
 * One timer serves the whole queue; it fires when the first call may pass.
 */
export class AdmissionQueue {
  /** Whether the queue is empty, the common case. */
  isIdle = true;
  private readonly lanes = new Lanes();
  private arrivals = 0;
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;
  private wakeAtMs = Infinity;

  /** @param forPlace how calls wait for a concurrency slot; `undefined` if they do not */
  constructor(
    private readonly gate: QueueGate,
    private readonly clock: Clock,
    private readonly forPlace: Patience | undefined,
  ) {}

  /** Number of queued calls. */
  get waiting(): number {
    return this.lanes.waiting;
  }

  /** Admits a call, now or after the calls queued before it. */
  admit(
    request: AdmissionRequest,
    nowMs: number,
  ): Admitted | Promise<Admitted> {
    const { plan } = request;
    this.serve(nowMs);
    const lane = this.lanes.find(plan);
    if (lane) return this.wait(lane, lane.rejection, request, nowMs);
    return this.pass(this.gate.tryPass(plan, nowMs), request, nowMs);
  }

  /** Admits or queues a call, given the gate's decision. */
  pass(
    admitted: Admitted | Promise<Admitted>,
    request: AdmissionRequest,
    nowMs: number,
  ): Admitted | Promise<Admitted> {
    if (admitted instanceof Promise) {
      return admitted.then((late) => this.pass(late, request, this.clock()));
    }
    if (!('reason' in admitted)) return admitted;
    const { plan } = request;
    if (this.patienceMs(plan, admitted) === 0) return admitted;
    const lane = this.lanes.find(plan) ?? new Lane(plan, admitted, nowMs);
    return this.wait(lane, admitted, request, nowMs);
  }

  /** Call after a change: a slot is free, or the gate has shut. */
  recheck(nowMs: number): void {
    const isShut = this.gate.isShut(nowMs);
    for (const lane of this.lanes) {
      const isForPlace = lane.rejection.reason === 'concurrency';
      if (isShut || isForPlace) lane.reopen();
    }
    this.serve(nowMs);
  }

  /** Call after the limits change: queued calls may pass sooner, or no longer in time. */
  reconsider(nowMs: number): void {
    for (const lane of this.lanes) lane.reopen();
    this.serve(nowMs);
  }

  /** Cancels all queued calls and rejects further ones. */
  close(): void {
    this.isClosed = true;
    for (const { queue } of this.lanes) {
      for (const waiter of queue.leaveAll()) waiter.cancel();
    }
    this.tidy();
  }

  /** Queues a call in a lane if it may wait and can be served in time. */
  private wait(
    lane: Lane,
    rejection: CallRejection,
    request: AdmissionRequest,
    nowMs: number,
  ): Admitted | Promise<Admitted> {
    if (this.isClosed) return Promise.reject(new CanceledError());
    const { priority = 0, deadline } = request;
    const patienceMs = this.patienceMs(lane.plan, rejection);
    const expiresAtMs = Math.min(nowMs + patienceMs, deadline);
    const waitMs = this.waitMs(lane, priority, nowMs);
    if (patienceMs === 0 || nowMs + waitMs > expiresAtMs) {
      return this.rejected(rejection, lane, priority, nowMs);
    }
    const waiter = new Waiter(request, expiresAtMs, this.arrivals++, (gone) => {
      lane.queue.leave(gone);
      this.tidy();
    });
    lane.queue.join(waiter);
    this.lanes.add(lane);
    this.tidy();
    return waiter.admitted;
  }

  /** Serves every call that can pass now, and rejects those that cannot in time. */
  private serve(nowMs: number): void {
    for (const lane of this.lanes) this.rejectLate(lane, nowMs);
    let lane = this.lanes.nextDue(nowMs);
    while (lane) {
      this.serveFirst(lane, nowMs);
      lane = this.lanes.nextDue(nowMs);
    }
    this.tidy();
  }

  private serveFirst(lane: Lane, nowMs: number): void {
    const admitted = this.gate.tryPass(lane.plan, nowMs);
    if (!(admitted instanceof Promise)) {
      this.conclude(lane, admitted, nowMs);
      return;
    }
    lane.isAsking = true;
    void this.serveLater(lane, admitted);
  }

  /** A remote store decides for the call that is first when its reply arrives. */
  private async serveLater(
    lane: Lane,
    deciding: Promise<Admitted>,
  ): Promise<void> {
    try {
      const late = await deciding;
      lane.isAsking = false;
      this.conclude(lane, late, this.clock());
    } catch (error) {
      lane.isAsking = false;
      lane.leaveFirst()?.fail(error);
    }
    this.serve(this.clock());
  }

  /** Applies a decision to the call that is first now. */
  private conclude(lane: Lane, admitted: Admitted, nowMs: number): void {
    if (!('reason' in admitted)) {
      const first = lane.leaveFirst();
      if (first) first.settle(admitted);
      else this.gate.undo(lane.plan, admitted); // every caller has gone away
    } else if (admitted.reason === 'circuit-open') {
      lane.leaveFirst()?.settle(admitted);
    } else {
      lane.block(admitted, nowMs);
      this.rejectLate(lane, nowMs);
    }
  }

  /** Rejects calls that expire before they can be served. */
  private rejectLate(lane: Lane, nowMs: number): void {
    for (const late of lane.leaveLate(nowMs)) {
      const { priority } = late;
      late.settle(this.rejected(lane.rejection, lane, priority, nowMs));
    }
  }

  /** The rejection for a call of the given priority; `retryAfterMs` includes the calls ahead of it. */
  private rejected(
    rejection: CallRejection,
    lane: Lane,
    priority: number,
    nowMs: number,
  ): CallRejection {
    if (rejection.reason === 'concurrency') return rejection;
    const retryAfterMs = this.waitMs(lane, priority, nowMs);
    return { ...rejection, retryAfterMs };
  }

  /** The minimum wait for a new call of the given priority. */
  private waitMs(lane: Lane, priority: number, nowMs: number): number {
    const inLane = lane.queue.aheadOf(priority);
    return lane.waitMs(inLane, this.lanes.aheadOf(priority), nowMs);
  }

  /** How long a call may wait; 0 if it may not, because a limit does not allow waiting or its queue is full. */
  private patienceMs(
    plan: CallPlan | undefined,
    rejection: CallRejection,
  ): number {
    const inLane = this.lanes.find(plan)?.queue.size ?? 0;
    const inAll = this.lanes.waiting;
    const { reason } = rejection;
    if (reason === 'circuit-open') return 0;
    if (reason === 'concurrency') return within(this.forPlace, inAll);
    if (reason === 'quota') {
      // Waiting for the backend's announced quota follows the rules of its own limit.
      const own = plan?.limits.find(({ isOwn }) => isOwn);
      return within(own?.patience, inAll);
    }
    let longestMs = Infinity;
    for (const [i, { patience, isOwn }] of plan!.limits.entries()) {
      if (rejection.verdict.waitsMs[i] === 0) continue;
      const limitMs = within(patience, isOwn ? inAll : inLane);
      if (limitMs < longestMs) longestMs = limitMs;
    }
    return longestMs;
  }

  private tidy(): void {
    this.lanes.closeUnused();
    this.isIdle = this.lanes.isEmpty;
    this.wakeAt(this.lanes.wakeAtMs);
  }

  /** Schedules the queue's only timer. It never fires early. */
  private wakeAt(atMs: number): void {
    if (atMs === this.wakeAtMs) return;
    clearTimeout(this.timer);
    this.wakeAtMs = atMs;
    if (atMs === Infinity) return;
    // Node truncates fractions and would fire early.
    const delayMs = Math.max(Math.ceil(atMs - this.clock()), 1);
    this.timer = setTimeout(
      () => this.wake(),
      Math.min(delayMs, LONGEST_TIMER_MS),
    );
  }

  private wake(): void {
    const atMs = this.wakeAtMs;
    this.wakeAtMs = Infinity;
    if (this.clock() < atMs) this.wakeAt(atMs);
    else this.serve(this.clock());
  }
}

function within(patience: Patience | undefined, waiting: number): number {
  if (patience === undefined || waiting >= patience.maxQueue) return 0;
  return patience.maxWaitMs;
}
