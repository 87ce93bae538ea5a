import { Deadline } from '../core/time/deadline.js';

/** Why a request needs no answer any more. */
export type RequestEnd = 'deadline' | 'caller-left';

/** Whoever waits for the answer of a request. */
export interface Caller {
  readonly hasLeft: boolean;
  /** Whether it has got the whole of its answer, where that can be told. */
  readonly isServed?: boolean;
  /** Tells `listener` when the caller leaves; returns how to stop that. */
  onLeave(listener: () => void): () => void;
}

type EndListener = (end: RequestEnd) => void;

/** How long a request that ended early still stops what works for it. Whoever calls later, such as a poller that it once started, works for nobody in particular. */
const AFTERMATH_MS = 60_000;

/** One inbound request as its backend calls see it: how long it may take, and whether it is over. */
export class RequestLife {
  private ended: RequestEnd | undefined;
  private endedAtMs = Infinity;
  private answeredInTime = false;
  private listeners: Set<EndListener> | undefined;
  private forgetCaller: (() => void) | undefined;

  /**
   * @param deadline when it must be answered
   * @param caller who waits for it; watched only while something works for the request
   * @param isHurried whether the deadline is the caller's own wish, of which backends are innocent
   */
  constructor(
    readonly deadline: Deadline,
    readonly caller?: Caller,
    readonly isHurried = false,
  ) {}

  /** How the request ended before it was answered, if it did. */
  get end(): RequestEnd | undefined {
    if (!this.ended && this.caller?.hasLeft) this.endEarly('caller-left');
    return this.ended;
  }

  /** Whether nothing is done for it any more: it got its answer, or has long been given up. */
  get isPast(): boolean {
    if (this.ended) return performance.now() > this.endedAtMs + AFTERMATH_MS;
    return this.answeredInTime || this.caller?.isServed === true;
  }

  /** Tells `listener` once when the request ends early, from now on. */
  onEnd(listener: EndListener): void {
    this.listeners ??= new Set();
    this.listeners.add(listener);
    this.forgetCaller ??= this.caller?.onLeave(() =>
      this.endEarly('caller-left'),
    );
  }

  offEnd(listener: EndListener): void {
    this.listeners?.delete(listener);
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
    this.endedAtMs = performance.now();
    for (const listener of this.listeners ?? []) listener(end);
    this.listeners?.clear();
  }
}

interface NodeResponse {
  readonly destroyed: boolean;
  readonly closed: boolean;
  readonly writableFinished: boolean;
  once(event: 'close', listener: () => void): void;
  off(event: 'close', listener: () => void): void;
}

/** What Express, Fastify or Node hands out for a response. */
export type AnyResponse = NodeResponse & { readonly raw?: NodeResponse };

/** The client at the other end of a response: gone when that closes before it was finished. */
export class HttpCaller implements Caller {
  private readonly response: NodeResponse;

  /**
   * @param response what the caller waits for
   * @param isHeeded whether it matters that it leaves
   */
  constructor(
    response: AnyResponse,
    private readonly isHeeded = true,
  ) {
    this.response = response.raw ?? response;
  }

  get hasLeft(): boolean {
    if (!this.isHeeded) return false;
    const { closed, destroyed, writableFinished } = this.response;
    return (closed || destroyed) && !writableFinished;
  }

  get isServed(): boolean {
    return this.response.writableFinished;
  }

  /** Tells `listener` once when the response is over, however it ended. */
  onceOver(listener: () => void): void {
    if (this.response.closed) listener();
    else this.response.once('close', listener);
  }

  onLeave(listener: () => void): () => void {
    const onClose = () => {
      if (this.hasLeft) listener();
    };
    this.response.once('close', onClose);
    return () => this.response.off('close', onClose);
  }
}
