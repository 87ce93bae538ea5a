import { FailureFunction } from '../../config/schema/circuit-breaker.schema.js';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { RecentFastest } from '../../core/latency/recent-fastest.js';
import { Clock } from '../../stores/clock.js';
import { Passage } from '../admission/passage.js';
import { BackendGuard } from '../backend-guard.js';
import { HostRotation } from '../host-rotation.js';
import { BackendCall } from './backend-call.js';
import { CallOrder } from './call-order.js';
import { Carriage } from './carriage.js';
import { watchBody } from './streamed-body.js';

/** Who learns from how attempts end. */
export interface SettlementParts {
  readonly guard: BackendGuard;
  readonly hosts: HostRotation;
  readonly clock: Clock;
  readonly isFailure: FailureFunction | undefined;
  /** What the least is that a call takes, where hopeless ones are refused. */
  readonly fastest: RecentFastest | undefined;
}

/** Settles attempts that were admitted, each once: host, breaker and concurrency learn how it ended, at the last byte of its answer. */
export class Settlement {
  /** @param over told of each attempt that is settled */
  constructor(
    private readonly parts: SettlementParts,
    private readonly over: (call: BackendCall) => void,
  ) {}

  /** Hears that the answer of an attempt is there, or that there is none. */
  conclude(
    order: CallOrder,
    call: BackendCall,
    carriage: Carriage,
    passage: Passage,
  ): void {
    const { guard, fastest, clock, isFailure } = this.parts;
    guard.answered(passage, carriage.heard);
    if (carriage.heard) fastest?.record(passage.tookMs ?? 0, clock());
    let outcome: CallOutcome = 'ignored';
    try {
      outcome = wasHurried(order, call)
        ? 'ignored'
        : carriage.outcome(call, isFailure);
    } finally {
      // `isFailure` is not ours and may throw; the passage is settled all the same.
      this.settleAtEnd(call, carriage, passage, outcome);
    }
  }

  private settleAtEnd(
    call: BackendCall,
    { body }: Carriage,
    passage: Passage,
    outcome: CallOutcome,
  ): void {
    if (!body) return this.settle(call, passage, outcome);
    watchBody(body, call, (broken) => {
      // A body that nobody wants says nothing; the status before it has spoken.
      const whole = outcome === 'failure' ? outcome : (broken ?? outcome);
      this.settle(call, passage, whole);
    });
  }

  private settle(
    call: BackendCall,
    passage: Passage,
    outcome: CallOutcome,
  ): void {
    const { guard, hosts, clock } = this.parts;
    call.done();
    this.over(call);
    const ofBackend = hosts.settle(call.turn, outcome, clock());
    guard.settle(passage, ofBackend);
  }
}

/** A time that the caller of the endpoint chose says nothing about the backend; else strangers could open its breaker. */
function wasHurried({ life, deadline }: CallOrder, call: BackendCall): boolean {
  return (
    call.timeout !== undefined &&
    life?.isHurried === true &&
    deadline >= life.deadline
  );
}
