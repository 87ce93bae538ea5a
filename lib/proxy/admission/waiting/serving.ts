import { Clock } from '../../../stores/clock.js';
import { Passage } from '../passage.js';
import { refusalFor, Shortage } from '../shortage.js';
import { Attempt, Turnstile } from '../turnstile.js';
import { Lane } from './lane.js';
import { Lanes } from './lanes.js';

/** What those who wait are served with. */
export interface ServingParts {
  /** The name of the backend. */
  readonly backend: string;
  readonly turnstile: Turnstile;
  readonly clock: Clock;
}

/** Serves those who wait, in order: sends them through the turnstile, or tells them why not. */
export class Serving {
  /**
   * @param lanes where they wait
   * @param done told when lanes have changed
   */
  constructor(
    private readonly parts: ServingParts,
    private readonly lanes: Lanes,
    private readonly done: () => void,
  ) {}

  /** Serves all who can pass now, and tells those who never will in time. */
  serve(nowMs: number): void {
    for (const lane of this.lanes) this.refuseLate(lane, nowMs);
    let lane = this.lanes.nextDue(nowMs);
    while (lane) {
      this.serveFirst(lane, nowMs);
      lane = this.lanes.nextDue(nowMs);
    }
    this.done();
  }

  /** What is told somebody of that priority whom `shortage` holds up, with the time until it could pass behind all others. */
  refusal(shortage: Shortage, lane: Lane, priority: number, nowMs: number) {
    const { of, retryAfterMs } = shortage;
    const waitMs =
      of === 'place' ? retryAfterMs : this.waitMs(lane, priority, nowMs);
    return refusalFor(this.parts.backend, shortage, waitMs);
  }

  /** The least that a newcomer of that priority would wait in a lane. */
  waitMs(lane: Lane, priority: number, nowMs: number): number {
    const inLane = lane.queue.aheadOf(priority);
    return lane.waitMs(inLane, this.lanes.aheadOf(priority), nowMs);
  }

  private serveFirst(lane: Lane, nowMs: number): void {
    const attempt = this.parts.turnstile.tryPass(lane.plan, nowMs);
    if (!(attempt instanceof Promise)) {
      this.conclude(lane, attempt, nowMs);
      return;
    }
    lane.isAsking = true;
    attempt.then(
      (late) => this.decided(lane, late),
      (error) => this.failed(lane, error),
    );
  }

  /** A store in the network has decided for whoever is the first now. */
  private decided(lane: Lane, attempt: Attempt): void {
    const nowMs = this.parts.clock();
    lane.isAsking = false;
    this.conclude(lane, attempt, nowMs);
    this.serve(nowMs);
  }

  private failed(lane: Lane, error: unknown): void {
    lane.isAsking = false;
    lane.leaveFirst()?.refuse(error);
    this.serve(this.parts.clock());
  }

  private conclude(lane: Lane, attempt: Attempt, nowMs: number): void {
    const { turnstile, backend } = this.parts;
    if (attempt instanceof Passage) {
      const first = lane.leaveFirst();
      if (first) first.admit(attempt);
      else turnstile.undo(lane.plan, attempt); // all of them left meanwhile
    } else if (attempt.of === 'permit') {
      const error = refusalFor(backend, attempt, attempt.retryAfterMs);
      lane.leaveFirst()?.refuse(error);
    } else {
      lane.block(attempt, nowMs);
      this.refuseLate(lane, nowMs);
    }
  }

  /** Tells those whose time ends before they could be served. */
  private refuseLate(lane: Lane, nowMs: number): void {
    for (const late of lane.leaveLate(nowMs)) {
      late.refuse(this.refusal(lane.shortage, lane, late.priority, nowMs));
    }
  }
}
