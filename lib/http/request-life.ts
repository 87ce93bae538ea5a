import { Deadline } from '../core/time/deadline.js';

/** Why a request no longer needs a response. */
export type RequestEnd = 'deadline' | 'caller-left';

/** The client that waits for the response of a request. */
export interface Caller {
  readonly hasLeft: boolean;
  /** Whether it has received the whole response, if that can be known. */
  readonly isServed?: boolean;
  /** Calls `listener` when the caller disconnects; returns a function that removes the listener. */
  onLeave(listener: () => void): () => void;
}

type EndListener = (end: RequestEnd) => void;

/** How long a request that ended early still aborts new work done for it. Later work, such as a poller that the request once started, is no longer bound by it. */
const AFTERMATH_MS = 60_000;

/** An inbound request from the view of its backend calls: its deadline, and whether it is over. */
export class RequestLife {
  private ended: RequestEnd | undefined;
  private endedAtMs = Infinity;
  private answeredInTime = false;
  private listeners: Set<EndListener> | undefined;
  private forgetCaller: (() => void) | undefined;

  /**
   * @param deadline when the response is due
   * @param caller the client that waits; watched only while work for the
   *   request is in progress
   * @param isHurried whether the caller set the deadline, so that missing it is
   *   no failure of the backend
   */
  constructor(
    readonly deadline: Deadline,
    readonly caller?: Caller,
    readonly isHurried = false,
  ) {}

  /** How the request ended before it got a response, if it did. */
  get end(): RequestEnd | undefined {
    if (!this.ended && this.caller?.hasLeft) this.endEarly('caller-left');
    return this.ended;
  }

  /** Whether no more work is bound by this request: it got its response, or ended early long ago. */
  get isPast(): boolean {
    if (this.ended) return performance.now() > this.endedAtMs + AFTERMATH_MS;
    return this.answeredInTime || this.caller?.isServed === true;
  }

  /** Calls `listener` once if the request ends early from now on. */
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

  /** Marks the request as done: its handler returned or threw. */
  answered(): void {
    this.forgetCaller?.();
    if (!this.ended) this.answeredInTime = true;
  }

  /** Ends the request early and aborts all work done for it. */
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

/** A response object of Express, Fastify or Node. */
export type AnyResponse = NodeResponse & { readonly raw?: NodeResponse };

/** The client of an HTTP response. It has left if the response closes before it is finished. */
export class HttpCaller implements Caller {
  private readonly response: NodeResponse;

  /**
   * @param response the response that the client waits for
   * @param isHeeded whether a disconnect of the client is reported
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

  /** Calls `listener` once when the response has closed, for whatever reason. */
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
