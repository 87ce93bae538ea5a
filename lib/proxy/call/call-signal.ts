import type { GenericAbortSignal } from 'axios';

type AbortListener = (reason: unknown) => void;

/**
 * The one abort signal of a call: of what axios asks of a signal, and no more.
 * An AbortController with its event target costs more than all other work this
 * library does for a call.
 */
export class CallSignal implements GenericAbortSignal {
  aborted = false;
  /** Why it was aborted; axios fails an open response stream with it. */
  reason: unknown;
  private listeners: AbortListener[] = [];

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: AbortListener): void {
    const index = this.listeners.indexOf(listener);
    if (index !== -1) this.listeners.splice(index, 1);
  }

  /** Tells `listener` when the call is aborted, at once if it was. */
  onAbort(listener: AbortListener): void {
    if (this.aborted) listener(this.reason);
    else this.listeners.push(listener);
  }

  /** What errors of axios write down of it: the reason may be that error itself. */
  toJSON(): object {
    return { aborted: this.aborted };
  }

  /** Aborts the call; only the first reason counts. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    // Listeners leave while they are told.
    for (const listener of this.listeners.slice()) listener(reason);
  }
}
