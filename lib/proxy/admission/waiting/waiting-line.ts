import { CanceledError } from 'axios';
import { Patience } from '../../../config/schema/waiting.js';
import { CallOrder } from '../../call/call-order.js';
import { CallPlan } from '../call-plan.js';
import { Passage } from '../passage.js';
import { refusalFor, Shortage } from '../shortage.js';
import { Attempt } from '../turnstile.js';
import { Alarm } from './alarm.js';
import { Lane } from './lane.js';
import { Lanes } from './lanes.js';
import { Serving, ServingParts } from './serving.js';
import { Waiter } from './waiter.js';
import { patienceMs } from './willingness.js';

/** What a line is made with. */
export interface LineParts extends ServingParts {
  /** How calls may wait for a place; nothing where they may not. */
  readonly forPlace: Patience | undefined;
}

/**
 * The line before a turnstile. Those who wait are served in order and hold
 * nothing meanwhile, so that what they give up is there for the others, and
 * what they take is taken when they are sent. Whoever cannot be served in time
 * is told so at once.
 *
 * There is one timer for all of them, set to when the first can pass.
 */
export class WaitingLine {
  private readonly lanes = new Lanes();
  private readonly serving: Serving;
  private readonly alarm: Alarm;
  private arrivals = 0;
  private isClosed = false;

  constructor(private readonly parts: LineParts) {
    const { clock } = parts;
    this.serving = new Serving(parts, this.lanes, () => this.tidy());
    this.alarm = new Alarm(clock, () => this.serving.serve(clock()));
  }

  /** Calls that wait now. */
  get waiting(): number {
    return this.lanes.waiting;
  }

  /** Lets a call pass, now or later; who came before it goes first. */
  admit(
    plan: CallPlan | undefined,
    order: CallOrder,
    nowMs: number,
  ): Passage | Promise<Passage> {
    if (!this.lanes.isEmpty) {
      this.serving.serve(nowMs);
      const lane = this.lanes.find(plan);
      if (lane) return this.wait(lane, lane.shortage, order, nowMs);
    }
    const { turnstile, clock } = this.parts;
    const attempt = turnstile.tryPass(plan, nowMs);
    return attempt instanceof Promise
      ? attempt.then((late) => this.pass(plan, late, order, clock()))
      : this.pass(plan, attempt, order, nowMs);
  }

  /** Something has changed: a place is free, or nobody passes any more. */
  recheck(nowMs: number): void {
    if (this.lanes.isEmpty) return;
    const isShut = this.parts.turnstile.isShut(nowMs);
    for (const lane of this.lanes) {
      if (isShut || lane.shortage.of === 'place') lane.reopen();
    }
    this.serving.serve(nowMs);
  }

  /** The limits are others now: whoever waits may pass sooner, or never in time. */
  reconsider(nowMs: number): void {
    for (const lane of this.lanes) lane.reopen();
    this.serving.serve(nowMs);
  }

  /** Nothing is sent from now on, and nobody waits. */
  close(): void {
    this.isClosed = true;
    for (const { queue } of this.lanes) {
      for (const waiter of queue.leaveAll()) waiter.refuse(new CanceledError());
    }
    this.tidy();
  }

  private pass(
    plan: CallPlan | undefined,
    attempt: Attempt,
    order: CallOrder,
    nowMs: number,
  ): Passage | Promise<Passage> {
    if (attempt instanceof Passage) return attempt;
    if (this.patience(plan, attempt) === 0) {
      const { backend } = this.parts;
      throw refusalFor(backend, attempt);
    }
    const lane = this.lanes.find(plan) ?? new Lane(plan, attempt, nowMs);
    return this.wait(lane, attempt, order, nowMs);
  }

  /** Puts a call in a lane, where it may wait and can be served in time. */
  private wait(
    lane: Lane,
    shortage: Shortage,
    order: CallOrder,
    nowMs: number,
  ): Promise<Passage> {
    if (this.isClosed) throw new CanceledError();
    const { priority = 0, deadline } = order;
    const patience = this.patience(lane.plan, shortage);
    const expiresAtMs = Math.min(nowMs + patience, deadline);
    const waitMs = this.serving.waitMs(lane, priority, nowMs);
    if (patience === 0 || nowMs + waitMs > expiresAtMs) {
      throw this.serving.refusal(shortage, lane, priority, nowMs);
    }
    const waiter = new Waiter(order, expiresAtMs, this.arrivals++, (gone) => {
      lane.queue.leave(gone);
      this.tidy();
    });
    lane.queue.join(waiter);
    this.lanes.add(lane);
    this.tidy();
    return waiter.passage;
  }

  private patience(plan: CallPlan | undefined, shortage: Shortage): number {
    const { lanes } = this;
    const inLane = lanes.find(plan)?.queue.size ?? 0;
    const waiting = { inLane, inAll: lanes.waiting };
    return patienceMs(shortage, plan, this.parts.forPlace, waiting);
  }

  private tidy(): void {
    this.lanes.closeUnused();
    this.alarm.set(this.lanes.wakeAtMs);
  }
}
