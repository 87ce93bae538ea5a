import { AxiosError, CanceledError } from 'axios';
import type { GenericAbortSignal } from 'axios';
import { RequestEnd, RequestLife } from '../../context/request-life.js';
import { NO_TURN, Turn } from '../../core/hosts/host-pool.js';
import { CallFault } from './call-result.js';
import { CallSignal } from './call-signal.js';

/** The longest that a timer of Node can wait, 24.8 days; above it, it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * One call on its way: ends it when its deadline comes, when its own caller
 * cancels, or when the request it is made for is over, whichever is first.
 */
export class BackendCall {
  readonly signal = new CallSignal();
  /** Its turn at a host of the backend, where it goes to one. */
  turn: Turn = NO_TURN;
  /** The error of a call that did not end in time. */
  timeout: AxiosError | undefined;
  /** Where it stands among the calls underway. */
  place = 0;
  private readonly timer: NodeJS.Timeout;

  /**
   * @param budgetMs time left until the deadline
   * @param life the request it is made for, if there is one
   * @param own the signal that the caller of the backend gave
   */
  constructor(
    readonly budgetMs: number,
    private readonly life?: RequestLife,
    private readonly own?: GenericAbortSignal,
  ) {
    this.timer = setTimeout(runOut, Math.min(budgetMs, LONGEST_TIMER_MS), this);
    life?.onEnd(this.onRequestEnd);
    own?.addEventListener?.('abort', this.cancel);
    // Either may have ended while a store in the network decided.
    if (own?.aborted) this.cancel();
    else if (life?.end) this.onRequestEnd(life.end);
  }

  /** How an aborted call ended. */
  get fault(): CallFault {
    return this.timeout ? 'timeout' : 'cancelled';
  }

  /** The result of `work`, or the end of the call where that comes first: interceptors and adapters need not heed the signal. */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.signal.onAbort(reject);
      work.then(resolve, reject);
    });
  }

  /** Lets go of everything that could still abort the call. */
  done(): void {
    clearTimeout(this.timer);
    this.life?.offEnd(this.onRequestEnd);
    this.own?.removeEventListener?.('abort', this.cancel);
  }

  /** Ends a call that nobody waits for any more. */
  readonly cancel = (): void => {
    this.signal.abort(new CanceledError());
  };

  /** Ends a call that has used up its time. */
  runOut(): void {
    this.timeout = new AxiosError(
      `no complete answer within ${Math.round(this.budgetMs)} ms`,
      AxiosError.ETIMEDOUT,
    );
    this.signal.abort(this.timeout);
  }

  private readonly onRequestEnd = (end: RequestEnd) => {
    if (end === 'deadline') this.runOut();
    else this.cancel();
  };
}

function runOut(call: BackendCall): void {
  call.runOut();
}
