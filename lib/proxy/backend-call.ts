import { AxiosError, CanceledError } from 'axios';
import type { GenericAbortSignal } from 'axios';
import { RequestEnd, RequestLife } from '../context/request-life.js';
import { CallSignal } from './call-signal.js';

/**
 * One call on its way: ends it when its deadline comes, when its own caller
 * cancels, or when the request it is made for is over, whichever is first.
 */
export class BackendCall {
  readonly signal = new CallSignal();
  /** The error of a call that did not end in time. */
  timeout: AxiosError | undefined;
  private readonly timer: NodeJS.Timeout;

  /**
   * @param budgetMs time left until the deadline
   * @param life the request it is made for, if there is one
   * @param own the signal that the caller of the backend gave
   */
  constructor(
    private readonly budgetMs: number,
    private readonly life?: RequestLife,
    private readonly own?: GenericAbortSignal,
  ) {
    this.timer = setTimeout(runOut, budgetMs, this);
    life?.onEnd(this.onRequestEnd);
    own?.addEventListener?.('abort', this.onCancel);
  }

  /** Whether its caller gave the call up, so that its result says nothing about the backend. */
  get isCancelled(): boolean {
    return this.signal.aborted && this.timeout === undefined;
  }

  /** Lets go of everything that could still abort the call. */
  done(): void {
    clearTimeout(this.timer);
    this.life?.offEnd(this.onRequestEnd);
    this.own?.removeEventListener?.('abort', this.onCancel);
  }

  /** Ends a call that has used up its time. */
  runOut(): void {
    this.timeout = new AxiosError(
      `no complete answer within ${Math.round(this.budgetMs)} ms`,
      AxiosError.ETIMEDOUT,
    );
    this.signal.abort(this.timeout);
  }

  private readonly onCancel = () => {
    this.signal.abort(new CanceledError());
  };

  private readonly onRequestEnd = (end: RequestEnd) => {
    if (end === 'deadline') this.runOut();
    else this.onCancel();
  };
}

function runOut(call: BackendCall): void {
  call.runOut();
}
