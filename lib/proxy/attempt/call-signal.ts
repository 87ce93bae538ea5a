import { AxiosError, CanceledError } from 'axios';
import type {
  AxiosRequestConfig,
  GenericAbortSignal,
  InternalAxiosRequestConfig,
} from 'axios';
import { RequestEnd, RequestLife } from '../../http/request-life.js';
import {
  Deadline,
  deadlineAfter,
  earlier,
  LONGEST_TIMER_MS,
  remainingMs,
} from '../../core/time/deadline.js';
import { Clock } from '../../stores/clock.js';

type AbortListener = (reason: unknown) => void;

/** How a request can be cancelled. */
export type Cancellable = Pick<AxiosRequestConfig, 'signal' | 'cancelToken'>;

/**
 * An abort signal with only what axios needs. An AbortController with its
 * event target costs more than the rest of this library's work for a call.
 */
export class CallSignal implements GenericAbortSignal {
  aborted = false;
  /** The abort reason. Axios destroys an open response stream with it. */
  reason: unknown;
  private listeners: AbortListener[] = [];

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: AbortListener): void {
    const index = this.listeners.indexOf(listener);
    if (index !== -1) this.listeners.splice(index, 1);
  }

  /** Calls `listener` on abort; immediately if already aborted. */
  onAbort(listener: AbortListener): void {
    if (this.aborted) listener(this.reason);
    else this.listeners.push(listener);
  }

  /** Settles with `work`, or rejects with the abort reason if that comes first. Interceptors and adapters may ignore the signal. */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onAbort(reject);
      work.then(resolve, reject).finally(() => {
        this.removeEventListener('abort', reject);
      });
    });
  }

  /** What an AxiosError serializes. The reason is omitted: it may be that same error. */
  toJSON(): object {
    return { aborted: this.aborted };
  }

  /** Aborts. Only the first reason counts. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    // Iterate over a copy: listeners remove themselves.
    for (const listener of this.listeners.slice()) listener(reason);
  }
}

/** What can end an attempt besides its deadline. */
export interface AttemptEnds {
  /** The inbound request that the attempt serves, if any. */
  readonly life: RequestLife | undefined;
  /** Aborted to give up this attempt but not the call. */
  readonly abandoned: CallSignal | undefined;
  /** The signal and cancel token of the call, before interceptors. */
  readonly caller: Cancellable;
}

/**
 * The signal of one attempt. It is aborted at the deadline, when the caller
 * cancels, when the inbound request ends, or when the backend is closed,
 * whichever is first.
 */
export class AttemptSignal extends CallSignal {
  /** The timeout error, once the deadline has passed. */
  timeout: AxiosError | undefined;
  /** Whether it is queued. The queue then enforces the deadline and reports what was missing. */
  isQueued = false;
  /** Its index among the attempts in flight. */
  place = 0;
  /** The request as sent; attached to cancel and timeout errors. */
  sent: InternalAxiosRequestConfig | undefined;
  private budgetMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private holds = 1;
  private readonly forgets: (() => void)[] = [];

  /**
   * @param deadline when the attempt must be complete, including the last byte
   * @param over called once, after the last `release`
   */
  constructor(
    deadline: Deadline,
    private readonly clock: Clock,
    private readonly ends: AttemptEnds,
    private readonly over: (signal: AttemptSignal) => void,
  ) {
    super();
    const { life, abandoned, caller } = ends;
    // Throws for an invalid signal, so it comes before any other setup.
    this.heed(caller);
    this.endBy(deadline);
    life?.onEnd(this.onRequestEnd);
    if (life?.end) this.onRequestEnd(life.end);
    abandoned?.onAbort(this.onCancel);
  }

  /** Whether the attempt and its response are over. */
  get isOver(): boolean {
    return this.holds === 0;
  }

  /** Replaces the deadline. */
  endBy(deadline: Deadline): void {
    clearTimeout(this.timer);
    this.budgetMs = remainingMs(deadline, this.clock());
    const delayMs = Math.min(this.budgetMs, LONGEST_TIMER_MS);
    this.timer = setTimeout(onDeadline, delayMs, this);
  }

  /** Also aborts on the signal and cancel token of `request`, unless they are those of the call. */
  heed(request: Cancellable): void {
    const { caller } = this.ends;
    const isKnown =
      this.forgets.length > 0 &&
      request.signal === caller.signal &&
      request.cancelToken === caller.cancelToken;
    if (!isKnown && (request.signal || request.cancelToken)) {
      this.forgets.push(onCancel(request, this.onCancel));
    }
  }

  /** Keeps the signal active until `release`: a streamed body outlives the response headers. */
  hold(): void {
    this.holds++;
  }

  /** Removes all timers and listeners after the last hold is released. */
  release(): void {
    if (--this.holds > 0) return;
    clearTimeout(this.timer);
    const { life, abandoned } = this.ends;
    life?.offEnd(this.onRequestEnd);
    abandoned?.removeEventListener('abort', this.onCancel);
    for (const forget of this.forgets) forget();
    this.over(this);
  }

  /** Aborts with a CanceledError. */
  cancel(): void {
    this.abort(new CanceledError(undefined, this.sent));
  }

  /** Aborts with a timeout error. */
  runOut(): void {
    if (this.aborted) return;
    this.timeout = new AxiosError(
      `no complete answer within ${Math.round(this.budgetMs)} ms`,
      AxiosError.ETIMEDOUT,
      this.sent,
    );
    this.abort(this.timeout);
  }

  private readonly onCancel = (reason: unknown) => {
    if (reason instanceof CanceledError) this.abort(reason);
    else this.cancel();
  };

  private readonly onRequestEnd = (end: RequestEnd) => {
    if (end === 'caller-left') this.cancel();
    else if (!this.isQueued) this.runOut();
  };
}

function onDeadline(signal: AttemptSignal): void {
  if (!signal.isQueued) signal.runOut();
}

/**
 * Calls `listener` when a request is cancelled; immediately if it already is.
 * Passes the reason of the cancel token, if any.
 *
 * @returns a function that removes the listener
 * @throws TypeError for an invalid signal or token, as in axios
 */
export function onCancel(
  { signal, cancelToken }: Cancellable,
  listener: AbortListener,
): () => void {
  const onAbort = () => listener(undefined);
  // A token may live as long as the process, and its promise keeps every listener.
  let heard: AbortListener | undefined = listener;
  if (signal?.aborted) onAbort();
  else if (signal) signal.addEventListener!('abort', onAbort);
  if (cancelToken?.reason) listener(cancelToken.reason);
  else if (cancelToken) {
    void cancelToken.promise.then((reason) => heard?.(reason));
  }
  return () => {
    heard = undefined;
    signal?.removeEventListener?.('abort', onAbort);
  };
}

/** The cancellation error of a request; `undefined` if it is not cancelled. */
export function cancelReason({
  signal,
  cancelToken,
}: Cancellable): InstanceType<typeof CanceledError> | undefined {
  if (cancelToken?.reason) {
    return new CanceledError(cancelToken.reason.message);
  }
  return signal?.aborted ? new CanceledError() : undefined;
}

/** When a call started, and its latest deadline regardless of `timeout`. */
export interface CallBounds {
  readonly madeAtMs: number;
  readonly latest: Deadline;
}

/**
 * The deadline of a call from its `timeout`, parsed as in axios: with
 * `parseInt`, and the default applies if it is `false` or 0.
 *
 * @param defaultMs the timeout of calls without one, in milliseconds
 * @throws AxiosError with ERR_BAD_OPTION_VALUE when `timeout` is not a valid duration
 */
export function callDeadline(
  request: AxiosRequestConfig,
  defaultMs: number,
  { madeAtMs, latest }: CallBounds,
): Deadline {
  const timeoutMs = timeoutOf(request) || defaultMs;
  return earlier(deadlineAfter(timeoutMs, madeAtMs), latest);
}

function timeoutOf(request: AxiosRequestConfig): number {
  const timeout: unknown = request.timeout;
  if (!timeout) return 0;
  if (
    typeof timeout === 'number' &&
    Number.isSafeInteger(timeout) &&
    timeout > 0
  )
    return timeout;
  const parsed = parseInt(textOf(timeout), 10);
  if (parsed >= 0) return parsed;
  throw new AxiosError(
    'error trying to parse `config.timeout` to int',
    AxiosError.ERR_BAD_OPTION_VALUE,
    request as AxiosError['config'],
  );
}

/** Some values cannot be converted to a string, such as objects without a prototype. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '';
  }
}
