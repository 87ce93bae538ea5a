import { Deadline } from '../core/deadline.js';

/** Why a request needs no answer any more. */
export type RequestEnd = 'deadline' | 'caller-left';

/** Whoever waits for the answer of a request. */
export interface Caller {
  readonly hasLeft: boolean;
  /** Tells `listener` when the caller leaves; returns how to stop that. */
  onLeave(listener: () => void): () => void;
}

type EndListener = (end: RequestEnd) => void;

/** One inbound request as its backend calls see it: how long it may take, and whether it is over. */
export class RequestLife {
  private ended: RequestEnd | undefined;
  private answeredInTime = false;
  private readonly listeners = new Set<EndListener>();
  private forgetCaller: (() => void) | undefined;

  /**
   * @param deadline when it must be answered
   * @param caller who waits for it; watched only while something works for the request
   */
  constructor(
    readonly deadline: Deadline,
    private readonly caller?: Caller,
  ) {}

  /** How the request ended before it was answered, if it did. */
  get end(): RequestEnd | undefined {
    if (!this.ended && this.caller?.hasLeft) this.endEarly('caller-left');
    return this.ended;
  }

  /** Whether it got its answer: what still runs then is not done for it. */
  get isAnswered(): boolean {
    return this.answeredInTime;
  }

  /** Tells `listener` once when the request ends early, from now on. */
  onEnd(listener: EndListener): void {
    this.listeners.add(listener);
    this.forgetCaller ??= this.caller?.onLeave(() =>
      this.endEarly('caller-left'),
    );
  }

  offEnd(listener: EndListener): void {
    this.listeners.delete(listener);
  }

  /** Ends the request with its answer, or with its handler's error. */
  answered(): void {
    this.forgetCaller?.();
    if (!this.ended) this.answeredInTime = true;
  }

  /** Ends the request early: whatever works for it stops. */
  endEarly(end: RequestEnd): void {
    if (this.ended) return;
    this.ended = end;
    for (const listener of this.listeners) listener(end);
    this.listeners.clear();
  }
}
