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

/** By what a request says that it is not wanted any more. */
export type Cancellable = Pick<AxiosRequestConfig, 'signal' | 'cancelToken'>;

/**
 * A signal of what axios asks of one, and no more. An AbortController with its
 * event target costs more than all other work this library does for a call.
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

  /** Tells `listener` when it is aborted, at once if it was. */
  onAbort(listener: AbortListener): void {
    if (this.aborted) listener(this.reason);
    else this.listeners.push(listener);
  }

  /** The result of `work`, or the reason of the abort where that comes first: interceptors and adapters need not heed the signal. */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onAbort(reject);
      work.then(resolve, reject).finally(() => {
        this.removeEventListener('abort', reject);
      });
    });
  }

  /** What errors of axios write down of it: the reason may be that error itself. */
  toJSON(): object {
    return { aborted: this.aborted };
  }

  /** Aborts it; only the first reason counts. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    // Listeners leave while they are told.
    for (const listener of this.listeners.slice()) listener(reason);
  }
}

/** What an attempt is ended by, beside its deadline. */
export interface AttemptEnds {
  /** The inbound request it is made for, if there is one. */
  readonly life: RequestLife | undefined;
  /** Aborted where this attempt is given up, and not the call. */
  readonly abandoned: CallSignal | undefined;
  /** What its caller said before interceptors. */
  readonly caller: Cancellable;
}

/**
 * The one signal of an attempt: aborted when its deadline comes, when its
 * caller cancels, when the request it is made for is over, or when the backend
 * is closed, whichever is first.
 */
export class AttemptSignal extends CallSignal {
  /** The error of an attempt that did not end in time. */
  timeout: AxiosError | undefined;
  /** Whether it waits to be admitted: the queue then keeps to the deadline, and tells what was short. */
  isQueued = false;
  /** Where it stands among the attempts underway. */
  place = 0;
  /** The request on the wire; what a cancel tells of. */
  sent: InternalAxiosRequestConfig | undefined;
  private budgetMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private holds = 1;
  private readonly forgets: (() => void)[] = [];

  /**
   * @param deadline by when the attempt must be over, the last byte included
   * @param over told once nothing of the attempt is left
   */
  constructor(
    deadline: Deadline,
    private readonly clock: Clock,
    private readonly ends: AttemptEnds,
    private readonly over: (signal: AttemptSignal) => void,
  ) {
    super();
    const { life, abandoned, caller } = ends;
    // What is no signal throws, so nothing else is set up before.
    this.heed(caller);
    this.endBy(deadline);
    life?.onEnd(this.onRequestEnd);
    if (life?.end) this.onRequestEnd(life.end);
    abandoned?.onAbort(this.onCancel);
  }

  /** Whether nothing of the attempt is left. */
  get isOver(): boolean {
    return this.holds === 0;
  }

  /** Puts another deadline in force. */
  endBy(deadline: Deadline): void {
    clearTimeout(this.timer);
    this.budgetMs = remainingMs(deadline, this.clock());
    const delayMs = Math.min(this.budgetMs, LONGEST_TIMER_MS);
    this.timer = setTimeout(onDeadline, delayMs, this);
  }

  /** Is aborted by what a request says as well; what it said before counts once. */
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

  /** Keeps the signal alive until `release`: a stream goes on after its answer. */
  hold(): void {
    this.holds++;
  }

  /** Lets go of everything that could still abort it once nobody holds it. */
  release(): void {
    if (--this.holds > 0) return;
    clearTimeout(this.timer);
    const { life, abandoned } = this.ends;
    life?.offEnd(this.onRequestEnd);
    abandoned?.removeEventListener('abort', this.onCancel);
    for (const forget of this.forgets) forget();
    this.over(this);
  }

  /** Ends an attempt that nobody waits for any more. */
  cancel(): void {
    this.abort(new CanceledError(undefined, this.sent));
  }

  /** Ends an attempt that has used up its time. */
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
 * Tells `listener` when a request is cancelled, at once if it was; by the
 * reason where its cancel token gives one.
 *
 * @returns how to stop that
 * @throws TypeError where it has something else in the place of either, as axios does
 */
export function onCancel(
  { signal, cancelToken }: Cancellable,
  listener: AbortListener,
): () => void {
  const onAbort = () => listener(undefined);
  // A token may live as long as the process, and forgets nobody.
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

/** Why a request was cancelled, if it was. */
export function cancelReason({
  signal,
  cancelToken,
}: Cancellable): InstanceType<typeof CanceledError> | undefined {
  if (cancelToken?.reason) {
    return new CanceledError(cancelToken.reason.message);
  }
  return signal?.aborted ? new CanceledError() : undefined;
}

/** When a call was made, and what bounds it whatever its timeout says. */
export interface CallBounds {
  readonly madeAtMs: number;
  readonly latest: Deadline;
}

/**
 * The deadline of a call by its `timeout`, which is read as axios reads it: by
 * `parseInt`, and none where it is false or 0.
 *
 * @param defaultMs the deadline of calls that name none
 * @throws AxiosError with ERR_BAD_OPTION_VALUE where it is no time
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

/** Some values, such as objects without a prototype, have no text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '';
  }
}
