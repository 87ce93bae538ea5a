import { CanceledError } from 'axios';
import { Patience } from '../../config/schema/waiting.js';
import { LONGEST_TIMER_MS } from '../../core/time/deadline.js';
import { Clock } from '../../stores/clock.js';
import { CallPlan } from './call-plans.js';
import { Lane, Lanes, Waiter } from './lane.js';
import { AdmissionRequest, Admitted, CallPermit } from './permit.js';
import { CallRejection } from './rejection.js';

/** What a queue stands before. */
export interface QueueGate {
  /** Tries to pass now; a promise only where the store needs one. */
  tryPass(
    plan: CallPlan | undefined,
    nowMs: number,
  ): Admitted | Promise<Admitted>;
  /** Whether it lets nobody pass, whatever there is. */
  isShut(nowMs: number): boolean;
  /** Takes back all that a permit holds which nobody wants any more. */
  undo(plan: CallPlan | undefined, permit: CallPermit): void;
}

/**
 * The queue before a gate. Those who wait are served in order and hold nothing
 * meanwhile, so that what they give up is there for the others, and what they
 * take is taken when they are sent. Whoever cannot be served in time is told so
 * at once.
 *
 * There is one timer for all of them, set to when the first can pass.
 */
export class AdmissionQueue {
  /** Whether nobody waits, which is so for most calls. */
  isIdle = true;
  private readonly lanes = new Lanes();
  private arrivals = 0;
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;
  private wakeAtMs = Infinity;

  /** @param forPlace how calls may wait for a place; nothing where they may not */
  constructor(
    private readonly gate: QueueGate,
    private readonly clock: Clock,
    private readonly forPlace: Patience | undefined,
  ) {}

  /** Calls that wait now. */
  get waiting(): number {
    return this.lanes.waiting;
  }

  /** Lets a call pass, now or later; who came before it goes first. */
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

  /** Lets a call pass for which the gate has decided, or wait where it may. */
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

  /** Something has changed: a place is free, or nobody passes any more. */
  recheck(nowMs: number): void {
    const isShut = this.gate.isShut(nowMs);
    for (const lane of this.lanes) {
      const isForPlace = lane.rejection.reason === 'concurrency';
      if (isShut || isForPlace) lane.reopen();
    }
    this.serve(nowMs);
  }

  /** The limits are others now: whoever waits may pass sooner, or never in time. */
  reconsider(nowMs: number): void {
    for (const lane of this.lanes) lane.reopen();
    this.serve(nowMs);
  }

  /** Nothing is sent from now on, and nobody waits. */
  close(): void {
    this.isClosed = true;
    for (const { queue } of this.lanes) {
      for (const waiter of queue.leaveAll()) waiter.cancel();
    }
    this.tidy();
  }

  /** Puts a call in a lane, where it may wait and can be served in time. */
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

  /** Serves all who can pass now, and tells those who never will in time. */
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

  /** A store in the network decides for whoever is the first when it has. */
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

  /** It was decided for whoever is the first now. */
  private conclude(lane: Lane, admitted: Admitted, nowMs: number): void {
    if (!('reason' in admitted)) {
      const first = lane.leaveFirst();
      if (first) first.settle(admitted);
      else this.gate.undo(lane.plan, admitted); // all of them left meanwhile
    } else if (admitted.reason === 'circuit-open') {
      lane.leaveFirst()?.settle(admitted);
    } else {
      lane.block(admitted, nowMs);
      this.rejectLate(lane, nowMs);
    }
  }

  /** Tells those whose time ends before they could be served. */
  private rejectLate(lane: Lane, nowMs: number): void {
    for (const late of lane.leaveLate(nowMs)) {
      const { priority } = late;
      late.settle(this.rejected(lane.rejection, lane, priority, nowMs));
    }
  }

  /** What is told somebody of that priority, with the time until it could pass behind all others. */
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

  /** The least that a newcomer of that priority would wait in a lane. */
  private waitMs(lane: Lane, priority: number, nowMs: number): number {
    const inLane = lane.queue.aheadOf(priority);
    return lane.waitMs(inLane, this.lanes.aheadOf(priority), nowMs);
  }

  /** How long a call may wait for what it lacks; 0 where it is rejected instead: a limit that it lacks says so, or has as many who wait as it bears. */
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
      // What a backend says of its quota is waited for as its own limit is.
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

  /** Sets the timer to the only instant at which it is to wake the queue; it never does before. */
  private wakeAt(atMs: number): void {
    if (atMs === this.wakeAtMs) return;
    clearTimeout(this.timer);
    this.wakeAtMs = atMs;
    if (atMs === Infinity) return;
    // Node cuts fractions off, and would ring early.
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
